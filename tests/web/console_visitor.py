"""A window of real Chromium on the console."""

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 800}
# What a 4xx page writes into the browser's console by itself.
EXPECTED = "Failed to load resource"


class Visitor:
    """A browser window of one demo account that keeps an eye on what it is sent."""

    def __init__(self, chromium, address, username=None, **options):
        self.address = address
        self.context = chromium.new_context(viewport=WIDE, locale="zh-CN", **options)
        self.context.set_default_timeout(10_000)
        self.page = self.context.new_page()
        self.strangers, self.complaints = [], []
        self.page.on("request", self.note_request)
        self.page.on("console", self.note_message)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if username is not None:
            self.enter(username)

    def note_request(self, request):
        if not request.url.startswith((self.address, "data:")):
            self.strangers.append(request.url)

    def note_message(self, message):
        if message.type in {"error", "warning"} and EXPECTED not in message.text:
            self.complaints.append(message.text)

    def enter(self, username):
        self.go("/demo")
        self.page.click(f"form:has(input[value='{username}']) button")

    def go(self, path):
        return self.page.goto(self.address + path)

    def press(self, words):
        self.page.click(f"button:not(.visually-hidden, .term):visible:has-text('{words}')")

    def overflow(self):
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def close(self):
        self.context.close()
        assert self.strangers == []
        assert self.complaints == []
