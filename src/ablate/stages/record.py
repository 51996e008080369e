"""The arm in Weights & Biases, a mirror of its folder."""

from ablate.record import tracking
from ablate.record.mirror import mirror, missing
from ablate.stages.stage import Live, PlannedArm, Stage


class Record(Stage):
    """Leaves `wandb/`. It makes nothing that another stage takes in, and no setting of it tells arms apart."""

    name = "record"

    def done(self, arm: PlannedArm) -> bool:
        return tracking.disabled(str(arm.config.track.mode)) or (arm.folder.card.is_file() and not missing(arm.tracked))

    def run(self, arm: PlannedArm, live: Live) -> None:
        refused = mirror(arm.tracked)
        if refused:
            live.warn(f"W&B did not take {'; '.join(refused)}. The folder has it all; ablate runs sync tries again")
