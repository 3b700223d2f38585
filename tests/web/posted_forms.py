"""A form as a browser without a script sends it: every field of the page, as it was shown."""

from html.parser import HTMLParser


class _Forms(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.forms, self.fields, self.area, self.select = [], None, None, None

    def handle_starttag(self, tag, attrs):
        at = dict(attrs)
        if tag == "form":
            self.fields = []
            self.forms.append((at, self.fields))
        elif self.fields is None:
            return
        elif tag == "input" and at.get("name") and at.get("type") not in {"file", "submit"}:
            if at.get("type") not in {"radio", "checkbox"} or "checked" in at:
                self.fields.append((at["name"], at.get("value", "")))
        elif tag == "textarea":
            self.area = [at["name"], ""]
        elif tag == "select":
            self.select = [at["name"], None]
        elif tag == "option" and self.select and (self.select[1] is None or "selected" in at):
            self.select[1] = at.get("value", "")

    def handle_data(self, data):
        if self.area is not None:
            self.area[1] += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self.area is not None:
            # A browser drops the first line break of an area, and sends all others as CR LF.
            text = self.area[1].removeprefix("\n").replace("\r\n", "\n").replace("\n", "\r\n")
            self.fields.append((self.area[0], text))
            self.area = None
        elif tag == "select" and self.select is not None:
            self.fields.append((self.select[0], self.select[1] or ""))
            self.select = None
        elif tag == "form":
            self.fields = None


def forms_of(html, path):
    """The fields of each form that the page posts, by its address."""
    parser = _Forms()
    parser.feed(html)
    return {
        at.get("action", path): dict(fields) for at, fields in parser.forms if at.get("method", "").lower() == "post"
    }
