"""What tests of several connectors must see alike, as classes to derive from beside a test of one's own."""
import shutil


class SameBatchTwice:
    """A delivery of which nothing is remembered, and that is sent again word for word, makes nobody twice.

    The test gives survive_fill(count), which makes a project with as many people, survive_deliver(), which runs it and
    gives the counts that are not zero, and survive_content(): what the vendor holds, without its own times. The job of
    survive_source reads the people."""

    survive_source, survive_environment = "crm", {}

    def test_the_same_batch_twice(self):
        self.survive_fill(5)
        self.project.rondom("run", self.survive_source, expect=0, environment=self.survive_environment)
        memory, kept = self.project.folder / "var", self.project.folder / "kept"
        shutil.copytree(memory, kept)
        self.assertEqual({"created": 5}, self.survive_deliver())
        before = self.survive_content()
        self.assertEqual(5, len(before))
        shutil.rmtree(memory)
        shutil.copytree(kept, memory)
        again = self.survive_deliver()
        self.assertEqual(5, again.get("created", 0) + again.get("adopted", 0), again)
        self.assertEqual(before, self.survive_content())


class SourceFaults:
    """A page that is late, cut off, refused for a while or asked for with a token that ended is had in the end.

    The test gives survive_fill(count), survive_read(), which runs it and gives how many records are new, a list
    survive_faults where faults of stand_in.py are put, and survive_path, the pages'."""

    survive_count, survive_path = 450, ""

    def assert_survives(self, fault):
        self.survive_fill(self.survive_count)
        faults = self.survive_faults()
        faults.append({"path": self.survive_path, "skip": 1, **fault})
        self.assertEqual(self.survive_count, self.survive_read())
        self.assertEqual([], faults, "the fault was never met")

    def test_429_with_retry_after(self):
        self.assert_survives({"kind": "status", "status": 429, "retry_after": 0})

    def test_429_without_retry_after(self):
        self.assert_survives({"kind": "status", "status": 429})

    def test_a_server_that_is_ill(self):
        self.assert_survives({"kind": "status", "status": 503})

    def test_a_body_that_is_cut_off(self):
        self.assert_survives({"kind": "cut"})

    def test_an_answer_that_does_not_come(self):
        self.assert_survives({"kind": "vanish"})
