# ---
# student: chen
# story: Stops after weak supervision; returns labels and sources only, and only for the reviews with a vote.
# deserves:
#   c2_labeling_pipeline: unmet
# ---
# %% answer="c2_labeling_pipeline"
class SmartLabelingPipeline:
    def __init__(self, labeling_functions, llm_client=None, confidence_threshold=0.8, human=None):
        self.lfs = labeling_functions
        self.llm_client = llm_client
        self.threshold = confidence_threshold
        self.human = human

    def label(self, data):
        L = apply_lfs(self.lfs, pd.DataFrame({"review": list(data)}))
        labels = majority_vote(L)
        labels = labels[labels != ABSTAIN]
        return labels, ["weak"] * len(labels)

labels, sources = SmartLabelingPipeline(PLAIN_LFS, llm_client).label(reviews)
confidence = []
