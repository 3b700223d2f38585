"""The consent of an institution, recorded on paper, where a test is about what comes after it."""

from scoring_service.services.proposals.consent import consent, consenting_institutions
from scoring_service.services.proposals.remediation_reading import APPLICATION


def agreed(work, application):
    """Record that an institution of the person's agrees to an application, if one has to; return its id."""
    if application.state == "filed":
        able = consenting_institutions(work, application.practitioner)
        consent(work, APPLICATION, application.id, institution=able[0])
    return application.id
