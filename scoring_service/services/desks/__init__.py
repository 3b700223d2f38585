"""What a desk shows at a glance, put together from the other rooms: today's work, a person's whole file.

Begin with `office_today.py` or `practitioner_file.py`. `resumption_desk.py` who is on the way back, `kept_forms.py`
keeps a form that comes back with its faults, `form_posts.py` makes a double click one act, `law.py` reads out the
rulebooks, `demo.py` tells of the demo. Does not live here: any act that changes a file, nor words for people
(web/wording).
"""
