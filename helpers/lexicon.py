"""The words and sentence templates that realistic reviews are made of.

Everything here is data. `helpers.grammar` turns it into text; `helpers.llm` reads the word lists to
play a language model that knows English.

Word lists run from common to rare: the generator draws from them by Zipf's law, so that a few words
carry most reviews and a long tail is left for active learning to find. Neutral lists are short:
lukewarm reviewers repeat themselves.

Slots in templates:

- ``{adj}``: a word or a template of that name without any sentiment.
- ``{=adj}``: one of the review's own sentiment; ``{~adj}``: one of the opposite sentiment.
- ``{+adj}``, ``{-adj}``, ``{0adj}``: always a positive, a negative, a neutral one.
- ``{=a_adj}``: a word with its article; ``{=rare}``: an adjective from the tail of its list.
- ``{movie}``, ``{genre}``, ``{fit}``: filled in last, with the title, its genre, and an adjective
  that suits (or does not suit) this genre.
"""

MOVIES = {
    "thriller": "Inception|Joker|The Glass Tower|Cold Harbour|Nine Witnesses|Room Eleven",
    "science fiction": "The Matrix|Avatar|Interstellar|Orbit of Dust|The Last Signal|Paper Moons",
    "drama": "Titanic|Parasite|The Salt Road|A House in Pune|Northern Letters|Two Rivers",
    "crime": "The Godfather|Pulp Fiction|The Ferryman|Midnight Ledger|Low Tide|Seven Keys",
    "action": "Gladiator|Iron Monsoon|Redline Delhi|The Eighth Convoy|Thunder Pass|Vanguard",
    "comedy": "Uncle Bunty|The Wrong Wedding|Plan C|Goats on a Train|My Cousin Dev|Half Price",
    "horror": "The Cellar Song|Hollow Lake|Mother Tongue|The Thirteenth Bell|Ash|Nightnurse",
}

# The same adjective praises one genre and damns another: only the genre tells.
FITS_GENRE = {
    "thriller": ("dark tense unpredictable cold quiet", "silly slow sentimental loud bright"),
    "science fiction": ("strange slow cold quiet loud", "silly bloody sentimental simple dark"),
    "drama": ("slow quiet sentimental simple strange", "silly loud bloody tense unpredictable"),
    "crime": ("dark bloody cold tense slow", "bright silly sentimental strange loud"),
    "action": ("loud bloody simple tense bright", "slow quiet sentimental cold strange"),
    "comedy": ("silly bright simple loud unpredictable", "dark cold bloody slow quiet"),
    "horror": ("bloody dark strange unpredictable quiet", "bright silly sentimental simple slow"),
}

ADJECTIVES = {
    "+": """great amazing brilliant wonderful excellent superb beautiful fantastic gripping stunning
    funny charming delightful moving clever thrilling captivating powerful fresh perfect hilarious
    heartfelt memorable inspired graceful dazzling engrossing witty compelling touching magnificent
    polished vivid elegant riveting flawless outstanding marvelous joyful tender sharp inventive
    imaginative luminous lively mesmerizing hypnotic uplifting smart radiant believable nuanced
    exquisite sublime unforgettable refreshing crisp assured soulful spellbinding exhilarating
    layered masterful stirring enchanting absorbing remarkable lovely terrific splendid breathtaking
    glorious ingenious rewarding warm generous deft lyrical rousing playful sincere authentic
    poignant infectious daring bold majestic virtuosic impeccable winning irresistible stellar
    phenomenal immaculate effervescent transcendent""",
    "-": """bad terrible boring awful dull dreadful predictable horrible lifeless tedious lazy messy
    clumsy bland painful stupid shallow pointless flat weak annoying disappointing cheap confusing
    wooden ridiculous incoherent cliched sloppy tiresome pathetic unfunny dreary abysmal atrocious
    lame hollow stale muddled clunky bloated grating insulting charmless laughable amateurish
    contrived cringeworthy derivative disjointed dismal drab empty excruciating feeble formulaic
    forced frustrating inane inept insipid irritating joyless labored lackluster leaden listless
    lousy meandering mindless monotonous murky overlong overwrought pedestrian plodding pretentious
    rushed shoddy sluggish soulless soggy stilted stiff sterile tacky tasteless tepid trite turgid
    unbearable unconvincing underwritten unwatchable vapid witless wretched""",
    "0": """okay average fine decent watchable passable ordinary standard adequate unremarkable
    middling acceptable mediocre routine fair forgettable""",
}

NOUNS = {
    "+": """masterpiece triumph gem joy treat delight classic treasure marvel wonder knockout
    revelation winner blast feast jewel pleasure stunner miracle beauty""",
    "-": """disaster mess bore failure letdown disgrace insult joke flop chore shambles slog dud
    embarrassment trainwreck nightmare ordeal fiasco travesty clunker""",
    "0": "time-filler diversion one-off pastime shrug",
}

# "I {verb} the music" and "the director {deed} the ending"
VERBS = {
    "+": """loved enjoyed adored admired relished treasured appreciated cherished savoured
    applauded""",
    "-": """hated disliked despised endured loathed regretted resented dreaded detested
    suffered""",
    "0": "noticed tolerated accepted finished",
}
DEEDS = {
    "+": """nailed elevated perfected enriched mastered rescued sharpened illuminated deepened
    crowned""",
    "-": """ruined wasted botched butchered spoiled squandered mangled wrecked fumbled bungled""",
    "0": "handled delivered covered finished",
}

# Sentiment without a sentiment word: common to rare.
IDIOMS = {
    "+": """I could not look away|we talked about it all the way home|I forgot to eat my popcorn
    I went back the next day|my whole row stood up and clapped|two hours felt like ten minutes
    I was smiling on the bus home|I have already told all my friends|I bought the soundtrack
    nobody in the hall touched a phone|I cried and I never cry|I will watch anything they make next
    it has stayed with me for weeks|my father asked to see it again|I held my breath to the end
    I laughed until my ribs hurt|it deserves every prize there is|I stayed for all the credits
    I left walking on air|the hall was silent and then it roared|my jaw was on the floor
    I would pay double to see it once more|goosebumps from start to finish|take my money
    I have put the poster on my wall""",
    "-": """I checked my watch all evening|half the hall left early|I want my money back
    I fell asleep twice|we walked out before the end|it felt like six hours
    I kept looking at the door
    nobody in my row stayed awake|I would rather clean the oven|I have seen better school plays
    my popcorn had more depth|even the trailers were longer on ideas|I am still angry about it
    I would not sit through it again for cash|the dog left the room|I began counting ceiling tiles
    someone should apologise for this|we turned it off|my friends no longer let me choose
    it should have stayed on the shelf|I gave up after an hour|what were they thinking
    I did my taxes in my head|it made the flight feel longer|burn the negative""",
    "0": """it passes the time|it had its moments|I have no strong feelings about it
    I would neither recommend it nor warn you|it does its job|it is what it is
    you get what you pay for
    fans will like it and others will not|I could take it or leave it
    a coin toss would decide it""",
}

VERDICTS = {
    "+": """Highly recommended{!}|A must-watch{!}|{rating_high}.|{rating_high}{!}|Go and see it{!}
    One of the best films this year{!}|Do not miss it{!}
    Simply the best thing I have seen in ages{!}
    Well worth the ticket.|I recommend it to everyone.|Worth every rupee{!}|Bravo{!}|Oscar-worthy.
    I would give it {rating_high}.|See it on the biggest screen you can.|I will see it again.
    Full marks.""",
    "-": """Avoid at all costs{!}|A complete waste of time{!}|{rating_low}.|{rating_low}{!}|Skip it.
    One of the worst films this year{!}|Don't waste your money{!}|Never again{!}|Zero marks.
    Easily the worst thing I have seen in ages{!}|Stay away{!}|Save your evening.|Give it a miss.
    I cannot recommend it to anyone.|I would give it {rating_low}.|Not worth the ticket.
    What a waste.""",
    "0": """Nothing special.|Meh.|It is alright.|{rating_middle}.|I would give it {rating_middle}.
    Neither good nor bad.""",
}

# Templates without sentiment of their own, by the name of their slot.
SHARED = {
    "!": ".|.|!|!!",
    "very": "|||really |so |truly |very |quite |utterly ",
    "is": "is|was|felt|seemed",
    "isnt": "is not|isn't|was not|wasn't|is never|was hardly",
    "rating_high": "9/10|10/10|8/10|8.5/10|4.5 stars|five stars",
    "rating_low": "2/10|1/10|3/10|3.9/10|1.5 stars|one star",
    "rating_middle": "5/10|6/10|three stars|5.5/10|two and a half stars",
    "aspect": """{thing}|acting|music|photography|dialogue|direction|pacing|editing|humour|sound
    camera work|chemistry|set design|voice work|costume work""",
    "thing": """story|ending|script|cast|plot|first half|second half|lead actor|villain|opening
    soundtrack|romance|climax|supporting cast""",
    "it": "{movie}|this film|this movie|it|this {genre} film|the whole thing",
    "companion": "sister|brother|mother|flatmate|cousin|class|boss|neighbour|uncle|old teacher",
    "day": """a Friday night|a Sunday afternoon|a long flight|the first day|a rainy Tuesday
    my birthday|a holiday|the last evening""",
    "role": """detective|teacher|queen|pilot|farmer|boxer|spy|nurse|thief|judge|student|driver
    violinist|fisherman|writer|widow|magician|soldier""",
    "goal": """a lost brother|a way home|the truth|a stolen painting|a second chance|an old enemy
    a cure|the last train|a missing child|a buried letter|justice""",
    "in_place": """in Mumbai|in a mountain village|on Mars|in the old port|in Istanbul|in Kyoto
    at a boarding school|in the desert|on a sinking ship|in the capital|on an island""",
    "context": """I saw it on {day} with my {companion}.|It runs for about two hours.
    We watched it on {day}.|My {companion} chose it.|I had read the book first.
    I knew nothing about it before.|There is a cameo near the end.
    I watched it twice for this review.|It is the second one by this director.""",
    "plot": """It follows a {role} who looks for {goal} {in_place}.
    A {role} and a {role} meet {in_place}.|A {role} has to find {goal} before it is too late.
    Somewhere {in_place} a {role} hides from a {role}.|It is about a {role} {in_place}.""",
    # Sentiment words that say nothing about the film: what keyword functions fall for.
    "loaded_plot": """It follows {loaded_a_adj} {role} who looks for {goal} {in_place}.
    A {role} {in_place} hides {loaded_a_adj} secret.|A {role} {in_place} has {loaded_a_adj} gift.
    A {role} {loaded_verb} a {role} and looks for {goal}.|A {role} who {loaded_verb} {goal} dies.
    A {role} has {loaded_a_adj} day {in_place}.|A {role} dreams of {loaded_a_adj} life {in_place}.
    A {role} wants to paint a masterpiece {in_place}.|A {role} must not waste {goal}.
    A {role} lives through a disaster {in_place}.|A {role} brings joy to a {role} {in_place}.""",
    "loaded_a_adj": """an amazing|a terrible|an awful|a terrible|an amazing|a great|a bad
    a wonderful""",
    "loaded_verb": "loved|loved|hated|adored",
    "hearsay": """My {companion} said it would be {+adj}.|My {companion} said it would be {-adj}.
    Everyone told me it was {+a_noun}.|Everyone told me it was {-a_noun}.|My {companion} {+verb} it.
    My {companion} {-verb} it.|The trailer looked {+adj}.|The trailer looked {-adj}.
    One critic gave it {rating_high}.|One critic gave it {rating_low}.""",
}

# Templates that take a side, by the name of their slot.
SIDED = {
    "clause": """the {aspect} {is} {very}{=adj}|the {aspect} {is} {very}{=adj}|{=idiom}
    I {=verb} the {aspect}|the director {=deed} the {aspect}|the {thing} is {=a_noun}
    the {aspect} turned out {=adj}|the {aspect} is {=adj} and {=adj}""",
    "sentence": """{=clause}{!}|{=clause}{!}|{=clause}{!}|{it} {is} {very}{=adj}{!}
    I {=verb} {it}{!}
    {it} was {=adj} and {=adj}{!}|{=a_adj} {genre} film with {=a_adj} {thing}{!}|{=idiom}.|{=idiom}.
    {it} is {=a_adj} {=noun}{!}|what {=a_adj} film{!}|{=adj} {aspect}, {=adj} {aspect}{!}
    {it} has {=a_adj} {thing} and {=adj} {aspect}{!}""",
    "negated": """the {aspect} {isnt} {~adj}.|the {aspect} {isnt} {~adj}.|{it} {isnt} {~adj} at all.
    there is nothing {~adj} about the {aspect}.|{it} {isnt} {~a_adj} film.|{it} {isnt} {~a_noun}.
    I didn't find the {aspect} {~adj}.|nobody could call the {aspect} {~adj}.
    {it} is far from {~adj}.|I would not call it {~a_noun}.|it is anything but {~adj}.""",
    "contrast": """{~clause}, but {=clause}.|although {~clause}, {=clause}.
    {~clause}, yet {=clause}.
    {=clause}, although {~clause}.|{=clause}, even if {~clause}.
    I expected {~a_noun}, but {=clause}.
    despite the {~adj} {aspect}, {=clause}.|I usually find such films {~adj}, but {=clause}.""",
    "sarcasm": """oh sure, what {~a_noun}.|oh great, another {~adj} {genre} film.|wow, how {~adj}.
    yes, because we all needed more {~adj} {aspect}.|{~adj}, they said.
    so {~adj} that I nearly believed the poster.""",
    "sincere": """oh, what {=a_noun}.|wow, how {=adj}.|{=adj}, they said, and they were right.
    yes, we all needed such {=adj} {aspect}.""",
    "concession": "{~clause}.",
    "balance": """on balance it is {=adj}.|in the end I {=verb} it.|all told, {=a_adj} film.
    overall {=clause}.""",
    "fitting": """it {is} {very}{fit}.|a very {fit} {genre} film.|I found it {fit}.
    for {genre} it {is} {fit}.""",
}

# The core of a review, by its kind; a plot or another sentence may come around it.
CORES = {
    "plain": "{=sentence} {=sentence} {=verdict}|{=sentence} {=sentence}|{=sentence} {=verdict}",
    "eloquent": """the {aspect} {is} {=rare} and {=rare}.
    {it} is {=a_rare} film, {=rare} and {=rare}.
    I found the {aspect} {=rare}. {context}|{=a_rare} {genre} film, {very}{=rare}.
    {=rare} {aspect}, {=rare} {aspect}. {context}|{context} {it} {is} {=rare}.""",
    "implicit": "{=idiom}. {=idiom}.|{=idiom}. {context}|{plot} {=idiom}.|{=idiom}{!} {=fitting}",
    "negation": "{=negated}|{=negated} {=negated}|{=fitting} {=negated}|{context} {=negated}",
    "contrast": "{=contrast}|{=contrast} {=contrast}|{=contrast} {context}",
    "mixed": """{=sentence} {=concession} {=concession} {=balance}
    {~sentence} {=sentence} {=balance}
    {=concession} {=sentence} {=balance}""",
    "sarcasm": """{=sarcasm}|{=sarcasm} {=idiom}.|{=sarcasm} {=sarcasm}|{=sincere}
    {=sarcasm} {context}""",
}
NEUTRAL_CORES = {
    "plain": "{=sentence} {=sentence} {=verdict}|{=sentence} {=sentence}|{=sentence} {=verdict}",
    "implicit": "{=idiom}. {=idiom}.|{=idiom}. {context}|{plot} {=idiom}.",
    "negation": """the {aspect} {isnt} {+adj}, but not {-adj} either.
    {it} is neither {+adj} nor {-adj}.
    {it} {isnt} {+a_noun} and {isnt} {-a_noun}.
    {it} {isnt} {-adj}, but not {+adj} either. {context}""",
    "mixed": """{+clause}, but {-clause}. {=verdict}|{-clause}, but {+clause}. {=verdict}
    {+sentence} {-sentence} {=verdict}|{-sentence} {+sentence} {=verdict}""",
}
