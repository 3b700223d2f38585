"""The registry's pages in real Chromium."""

from console_visitor import NARROW


def test_the_pages_fit_a_telephone(visitor, console):
    admin = visitor("admin")
    person = console.people["蓝一"]
    admin.page.set_viewport_size(NARROW)
    for path in (f"/registrations/{person}", f"/registrations/{person}/correction/person/1", f"/registrations/{person}/codes/new"):
        admin.go(path)
        assert admin.overflow() == 0
