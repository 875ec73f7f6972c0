"""Lab: predict, watch Kafka do it, mend it with the real tools, have it checked, and see what it proves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from textual import on
from textual.message import Message

from labs import prompt
from labs.contract import Sample
from labs.errors import BadPrediction, BrokerError, Interrupted, LabStopped, LearnerError
from labs.evidence import Evidence
from tutor.sessions.unlock import skip_lock
from tutor.ui import lab_driver as drive
from tutor.ui import wording
from tutor.ui.jobs import JobFailed
from tutor.ui.lab_keys import WORDS
from tutor.ui.lab_record import RunRecord
from tutor.ui.lab_stage import after_verify, what_is_lost
from tutor.ui.loads import LabData, load_lab
from tutor.ui.messages import OpenStudy
from tutor.ui.screens.dialogs import ConfirmScreen
from tutor.ui.screens.lab_files import LabFiles
from tutor.ui.widgets.fact_table import FactTable, comparison_table, debrief_view
from tutor.ui.widgets.lab_prompt import LabPrompt, PromptInput
from tutor.ui.widgets.lab_views import FailedView, FixView
from tutor.ui.widgets.live_plot import LivePlots
from tutor.ui.widgets.phase_line import PhaseLine
from tutor.ui.widgets.prediction_form import PredictionForm
from tutor.ui.widgets.step_log import StepLog

LOAD, WARM_UP = "read the lab", "warm up"
EXPORT, KEEP = "write the evidence", "keep the run"


class LabScreen(LabFiles):
    """One lab, stage by stage."""

    @dataclass
    class Loaded(Message):
        """The lab is read."""

        data: LabData

    @dataclass
    class Exported(Message):
        """The evidence is in a file."""

        path: Path

    def __init__(self, lab: int) -> None:
        super().__init__(lab)
        self._answers: dict[str, str] = {}
        self._touched_form = False

    def on_mount(self) -> None:
        """Read the lab; nothing runs."""
        self._load()
        self.kit.io.run(self, self.kit.services.labs.warm_up, name=WARM_UP)

    def on_screen_resume(self) -> None:
        """An answer may have opened the lock."""
        if self._stage == "locked":
            self._load()

    def on_unmount(self) -> None:
        """Whatever ends this screen ends the run too."""
        self.end_watch()
        self._driver.end()

    def leave(self) -> None:
        """Keep a run that has seen something."""
        self._keep()

    def _load(self) -> None:
        services, lab = self.kit.services, self.lab
        self.kit.io.run(self, lambda: load_lab(services, lab), self.Loaded, name=LOAD)

    @on(Loaded)
    async def _on_loaded(self, event: Loaded) -> None:
        self._data = data = event.data
        self.place = f"Lab {self.lab} · {data.info.title}"
        self.title_bar.show_place(self.place)
        if data.state.may_run:
            await self._to("predict")
        else:
            await self._to("locked")

    # --- predict and observe -----------------------------------------------------------------------------------------

    @on(PredictionForm.Touched)
    def _touched(self) -> None:
        self._touched_form = True

    def action_commit(self) -> None:
        """Take the predictions, if every field holds one."""
        form = self.query_one(PredictionForm)
        if not form.check():
            self.notice.say("Some fields need a prediction; nothing has run.", "bad")
            return
        if not self._busy():
            self._answers = form.answers()
            self._driver.commit(self._answers)

    @on(drive.Committed)
    async def _committed(self, event: drive.Committed) -> None:
        if not self._driver.done(event.run) or self._data is None:
            return
        self._record = RunRecord(self._data, self.kit.services.clock)
        self._since_busy = self.kit.services.clock.monotonic()
        await self._to("observe")
        self._driver.observe()

    @on(drive.EventsArrived)
    def _events(self, event: drive.EventsArrived) -> None:
        if event.run != self._driver.number or not self.switcher.query("#lab-observe"):
            return
        events = self._driver.buffer.drain()
        samples = [one for one in events if isinstance(one, Sample)]
        if samples:
            self.query_one(LivePlots).add(samples)
        log = "#fix-log" if self.switcher.query("#fix-log") and self._stage != "observe" else "#observe-log"
        self.query_one(log, StepLog).tell(events)

    @on(drive.Seen)
    async def _seen(self, event: drive.Seen) -> None:
        if not self._driver.done(event.run):
            return
        self._take(event.evidence)
        await self._to("compare")
        right = sum(row.right is True for row in event.comparisons)
        head = f"{right} of {len(event.comparisons)} predictions were right."
        self.query_one("#lab-compare", FactTable).show(head, comparison_table(event.comparisons))

    async def action_to_fix(self) -> None:
        """Go on to the fix; from now on saving a file verifies."""
        await self._to("fix")
        self.begin_watch()

    # --- fix and verify ----------------------------------------------------------------------------------------------

    @on(LabPrompt.Typed)
    async def _typed(self, event: LabPrompt.Typed) -> None:
        if self._busy():
            return
        self.query_one(LabPrompt).accept(event.line)
        match prompt.parse(event.line, {}):
            case prompt.Say("edit", name):
                self.action_edit(name)
            case prompt.Say("watch"):
                self.action_watch()
            case prompt.Say("reset") as said if said.sure:
                self._reset(True)
            case prompt.Say("give up") as said if said.sure:
                self._give_up(True)
            case prompt.Say(word) if word in WORDS:
                await self.run_action(WORDS[word])
            case _:
                self.query_one("#fix-log", StepLog).say(f"$ {event.line}", "bold")
                self._driver.command(event.line)

    @on(PromptInput.Interrupted)
    def _interrupted(self) -> None:
        if self._driver.busy in (drive.COMMAND, drive.VERIFY, drive.HINT) and self._driver.interrupt():
            self.notice.say("Interrupting …", "busy")

    @on(drive.Ran)
    def _ran(self, event: drive.Ran) -> None:
        if self._driver.done(event.run):
            self.query_one("#fix-log", StepLog).flush()
            self._tell()
            if event.status:
                self.notice.say(f"The command ended with status {event.status}.", "bad")

    @on(drive.Verified)
    async def _verified(self, event: drive.Verified) -> None:
        if not self._driver.done(event.run, drive.VERIFY):
            return
        self._take(event.evidence)
        self.query_one(FixView).show(event.checks)
        self.note_checked(event.checks)
        stage = after_verify(event.checks)
        if stage == "debrief" and not self._save_waits:
            await self._debrief()
            return
        self.query_one(PhaseLine).show("fix")
        ok = sum(check.ok for check in event.checks)
        self.notice.say(f"{ok} of {len(event.checks)} checks are ok. F6 (or Ctrl+T) gives a hint.", "bad")

    def action_hint(self) -> None:
        """The next hint."""
        if not self._busy():
            self._driver.hint()

    @on(drive.Hinted)
    def _hinted(self, event: drive.Hinted) -> None:
        if self._driver.done(event.run):
            self.notice.say(event.text)
            self.query_one("#fix-log", StepLog).say(f"Hint: {event.text}", "italic")

    def action_reset(self) -> None:
        """The broken situation again, after asking."""
        title, text = (
            "Reset the lab?",
            "What you changed on the cluster is removed and the broken situation is made again.",
        )
        if self._files:
            text += f" Your changes to {', '.join(self._files)} are lost."
        self.app.push_screen(ConfirmScreen(title, text, "Reset"), self._reset)

    def _reset(self, yes: bool | None) -> None:
        if yes and self._free():
            self._driver.reset()

    def _free(self) -> bool:
        """Whether something else can begin; a verification gives way to it."""
        if self._driver.busy != drive.VERIFY:
            return not self._busy()
        self._driver.interrupt()
        self._since_busy = self.kit.services.clock.monotonic()
        return True

    @on(drive.WasReset)
    def _was_reset(self, event: drive.WasReset) -> None:
        if self._driver.done(event.run):
            self.forget_saves()
            self.query_one(FixView).show([])
            self.note_checked([])
            self.notice.say("The broken situation is back, with fresh names.", "good")

    def action_give_up(self) -> None:
        """Show the reference fix, after asking."""
        text = "The reference fix is applied and shown. The run is recorded as given up; you can run the lab again."
        self.app.push_screen(ConfirmScreen("Give up and see the fix?", text, "Show the fix"), self._give_up)

    def _give_up(self, yes: bool | None) -> None:
        if yes and self._free():
            self._driver.give_up()

    @on(drive.GaveUp)
    def _gave_up(self, event: drive.GaveUp) -> None:
        if self._driver.done(event.run):
            self._take(event.evidence)
            self._keep()
            self.forget_saves()
            self.notice.say(
                "This is the reference fix; F7 shows it beside yours. F5 verifies it and goes to the debrief."
            )

    # --- debrief -----------------------------------------------------------------------------------------------------

    async def _debrief(self) -> None:
        self.end_watch()
        self._keep()
        await self._to("debrief")
        run = self._record
        if run is None or run.evidence is None:
            return
        done = "Given up, and verified with the reference fix" if run.evidence.outcome == "gave_up" else "✓ Verified"
        head = f"{done} after {wording.clock(run.seconds)}. What you said, what counts, and what was measured:"
        self.query_one("#lab-debrief", FactTable).show(head, debrief_view(run.rows(), run.evidence.figures))

    def _take(self, evidence: Evidence) -> None:
        if self._record is not None:
            self._record.evidence = evidence

    def _keep(self) -> None:
        """Put the run on record, where it is not yet."""
        record = self._record.due() if self._record else None
        if record is not None:
            store = self.kit.services.store
            self.kit.io.run(self.app, lambda: store.add_lab_record(record), name=KEEP)

    def action_export(self) -> None:
        """Write the evidence."""
        record = self._record.record() if self._record else None
        if record is not None:
            export = self.kit.services.export
            self.kit.io.run(self, lambda: export(record), self.Exported, name=EXPORT)

    @on(Exported)
    def _exported(self, event: Exported) -> None:
        self.notice.say(f"The evidence is in {event.path}", "good")

    # --- again, locked, faults, leaving ------------------------------------------------------------------------------

    async def action_again(self) -> None:
        """Start again: after a fault with the same predictions, otherwise from the first stage."""
        self.end_watch()
        self._keep()
        again = self._stage == "failed"
        self._driver.drop()
        self._record = None
        await self.switcher.remove_children("#lab-observe, #lab-fix, #lab-compare, #lab-debrief")
        if again:
            self._since_busy = self.kit.services.clock.monotonic()
            self._driver.commit(self._answers)
        else:
            await self._to("predict")

    def action_answer(self) -> None:
        """Answer the scenario of this lab."""
        self.post_message(OpenStudy(self.lab))

    def action_skip(self) -> None:
        """Open the lab without an answer, after asking."""
        text = "The lab opens without an answer. The run is recorded and is not progress."
        self.app.push_screen(ConfirmScreen("Skip the lock?", text, "Skip", "Stay"), self._skip)

    def _skip(self, yes: bool | None) -> None:
        if yes:
            services, lab = self.kit.services, self.lab

            def skip() -> LabData:
                skip_lock(services.store, lab, services.clock)
                return load_lab(services, lab)

            self.kit.io.run(self, skip, self.Loaded, name="skip the lock")

    @on(JobFailed)
    async def _failed(self, event: JobFailed) -> None:
        if event.name == LOAD:
            self.app.pop_screen()
            return
        if event.name == WARM_UP:
            event.stop()  # what could not be warmed up says so when the lab runs
        if not event.ticket:
            return
        if isinstance(event.error, Interrupted) and event.ticket == self._driver.number:
            event.stop()
            self._was_interrupted(event.name)
            return
        current = self._driver.done(event.ticket)
        if not current or isinstance(event.error, LabStopped):
            event.stop()
        elif isinstance(event.error, BadPrediction):
            event.stop()
            self.query_one(PredictionForm).complain(event.error)
            self._tell()
        elif isinstance(event.error, BrokerError) or (
            event.name == drive.OBSERVE and isinstance(event.error, LearnerError)
        ):
            event.stop()
            self.end_watch()
            await self._to("failed")
            self.query_one(FailedView).show(event.error)
        else:
            self._tell()

    def _was_interrupted(self, what: str) -> None:
        """A verification was ended; where that made room for something else, this goes on."""
        if self._driver.busy == what:
            self._driver.done(self._driver.number)
            self.query_one(PhaseLine).show("fix")
            self.notice.say("Interrupted. F5 verifies again.")

    def action_back(self) -> None:
        """Leave, and stop what runs; asks only where something would be lost."""
        lost = what_is_lost(self._stage, typed=self._touched_form)
        if lost:
            self.app.push_screen(ConfirmScreen("Leave the lab?", lost, "Leave", "Stay"), self._left)
        else:
            self._left(True)

    def _left(self, yes: bool | None) -> None:
        if yes:
            self._keep()
            self.app.pop_screen()
