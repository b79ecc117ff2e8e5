# ---
# student: dev
# story: One method after the other, each for all reviews. Sends everything to the LLM, asks the person about the first reviews, each
#   one twice to be safe, is 95 percent sure of everything, never runs cleanlab, and needs an LLM, a person, and an index from 0.
# deserves:
#   c2_labeling_pipeline:
#     labels_and_sources_have_their_names: unmet
#     confidence_is_a_probability: unmet
#     llm_gets_the_uncertain_ones: error
#     nobody_is_asked_twice: unmet
#     better_than_each_method_alone: unmet
#     better_on_other_reviews: unmet
#     the_person_gets_the_hard_cases: unmet
#     confident_mistakes_are_found: unmet
#     confidence_tells_right_from_wrong: unmet
#     works_with_what_there_is: error
#     threshold_decides_what_the_llm_reads: error
#     lists_and_frames_give_the_same: error
#     small_inputs_are_no_trouble: error
# ---
# %% answer="c2_labeling_pipeline"
class SmartLabelingPipeline:
    def __init__(self, labeling_functions, llm_client=None, confidence_threshold=0.8, human=None):
        self.lfs = labeling_functions
        self.llm_client = llm_client
        self.threshold = confidence_threshold
        self.human = human

    def label(self, data):
        df = data if isinstance(data, pd.DataFrame) else pd.DataFrame({"review": data})
        L = apply_lfs(self.lfs, df)
        labels = majority_vote(L)
        sources = ["majority vote"] * len(df)
        answers = self.llm_client.label(df["review"].tolist())
        confidence = [95] * len(df)  # percent
        for i, a in enumerate(answers):
            labels[i] = 1 if a.label == "POSITIVE" else 0
            sources[i] = "LLM"
        asked = 0
        while self.human.left > 0 and asked < len(df):
            labels[asked // 2] = self.human(df["review"][asked // 2])
            sources[asked // 2] = "human"
            asked += 1
        return labels, sources, confidence

human = BudgetedHuman(reviews, simulated_human(reviews, truth), budget=150)
labels, sources, confidence = SmartLabelingPipeline(PLAIN_LFS, llm_client, human=human).label(reviews)
