"""The arm in Weights & Biases, a mirror of its folder."""

from ablate.record import tracking
from ablate.stages.stage import Live, PlannedArm, Stage


class Record(Stage):
    """Leaves `wandb/`. It makes nothing that another stage takes in, and no setting of it tells arms apart."""

    name = "record"

    def done(self, arm: PlannedArm) -> bool:
        return arm.config.track.mode == "disabled" or not tracking.missing(arm.folder, arm.config.study)

    def run(self, arm: PlannedArm, live: Live) -> None:
        tracking.mirror(arm.folder, arm.config)
