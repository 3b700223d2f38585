"""The tests' own law as the model reads it, written by hand and not from its files."""

CHIFENG = {
    "suspend_at": 9,
    "terminate_at": 12,
    "suspension_months": {"accumulated": {9: 2, 10: 4, 11: 6}, "single": {9: 2, 10: 4, 11: 6}},
    "ban_years": {"accumulated": 1, "single": 3, "measure": 1},
    "resumption_mode": "automatic",
    "sanction_start": "next_day",
    "emergency_covers_termination": True,
    "warnings": {3: "reminder talk", 6: "talk and study"},
    "points_cap_per_year": 4,
    "floors": (1, 2),
}
LIAONING = CHIFENG | {
    "suspension_months": {"accumulated": {9: 1, 10: 2, 11: 3}, "single": {9: 3, 10: 4, 11: 6}},
}
HUNAN = CHIFENG | {"sanction_start": "first_of_next_month"}
TIANJIN = CHIFENG | {"warnings": {6: "talk and study"}}
RULEBOOKS = {"chifeng": CHIFENG, "liaoning": LIAONING, "hunan": HUNAN, "tianjin": TIANJIN}
ON_APPLICATION = {
    f"{key}_on_application": rulebook | {"resumption_mode": "on_application"} for key, rulebook in RULEBOOKS.items()
}
ALL = RULEBOOKS | ON_APPLICATION
# The law as it is shipped: a suspension ends on application.
SHIPPED = {key: rulebook | {"resumption_mode": "on_application"} for key, rulebook in RULEBOOKS.items()}
