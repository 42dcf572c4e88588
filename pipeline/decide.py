"""What becomes of an idea that was read: join its twin, go to a manager, or go to a coordinator.

Gather, decide, apply: the shell gathers facts, `settle` decides and returns data, the shell records it.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from pipeline.asking import Asking, Autonomy, asking
from pipeline.core import Candidate, Decision, Reading, Sameness
from pipeline.facts import EarlierIdea, IdeaFacts, Resemblance
from pipeline.lifecycle import JOINABLE, Status
from pipeline.payloads import (
    asks_payload,
    framework_payload,
    joined_payload,
    promise_payload,
    twin_payload,
)
from pipeline.plans import EventPlan, LinkPlan, MessagePlan, Settlement
from pipeline.routing import (
    DOUBTS,
    Organisation,
    Route,
    Why,
    route_to_coordinator,
    route_to_manager,
)

# More suggestions than a person will look at are no help.
MOST_SUGGESTIONS = 5
# A link that no person has seen must be right. Of subject lines of Dutch parliamentary questions that the pair
# model puts between 0.90 and 0.97, about a third were other matters when read by eye; above 0.97 hardly any.
JOIN_FROM = 0.97


def settle(
    idea: IdeaFacts,
    reading: Reading,
    resemblances: Sequence[Resemblance],
    *,
    trouble: str | None,
    today: date,
    organisation: Organisation,
    earlier: Sequence[EarlierIdea] = (),
    autonomy: Autonomy | None = None,
) -> Settlement:
    """Decide on one idea. Depends on nothing but its arguments.

    `resemblances` must hold each original once. `earlier` ideas and touched limits are shown to whoever decides; they
    don't change where the idea goes. `autonomy`: that of the text model, to say why it asks. Raises PermanentError
    when nobody can take the idea.
    """
    # What the submitter said comes first, whatever the words are like.
    ranked = sorted(resemblances, key=lambda each: (not each.is_said, -each.probability, each.original.id))
    # Joining what was already answered would answer in the machine's name, so only open originals are joined.
    twin = next(
        (
            each
            for each in ranked
            if (each.is_said or (each.sameness is Sameness.SAME and each.probability >= JOIN_FROM))
            and each.original.status in JOINABLE
        ),
        None,
    )
    if twin is not None:
        return _join(idea, twin, today, organisation)
    links = tuple(_link(each, "suggested") for each in ranked if each.sameness is not Sameness.NEW)[
        :MOST_SUGGESTIONS
    ]
    route = choose_route(idea, reading, trouble=trouble, today=today, organisation=organisation)
    twins = [
        {"reference": each.original.reference, "title": each.original.title, "state": "suggested"}
        for each in ranked
        if each.sameness is not Sameness.NEW
    ][:MOST_SUGGESTIONS]
    if route.framework is not None:
        return _assign(idea, reading, route, links, twins, organisation, earlier)
    asks = _asks(reading, route, autonomy)
    return _to_coordinator(idea, reading, route, links, twins, organisation, earlier, asks)


def choose_route(
    idea: IdeaFacts, reading: Reading, *, trouble: str | None, today: date, organisation: Organisation
) -> Route:
    """Manager when the text model is sure enough, otherwise a coordinator with the reason why."""
    if trouble is None and reading.decision is Decision.AUTO and reading.candidates:
        return route_to_manager(
            reading.candidates[0].framework,
            idea_id=idea.id,
            unit_id=idea.unit_id,
            submitter_id=idea.submitter_id,
            today=today,
            organisation=organisation,
        )
    if trouble is not None:
        why = Why.UNREADABLE
    else:
        why = Why.FITS_NONE if reading.decision is Decision.NONE else Why.UNSURE
    return route_to_coordinator(
        why, idea_id=idea.id, submitter_id=idea.submitter_id, today=today, organisation=organisation
    )


def _link(found: Resemblance, state: str) -> LinkPlan:
    return LinkPlan(
        found.original.id,
        state,
        found.probability,
        found.reason,
        found.passages,
        found.compared_id,
        found.is_said,
    )


def _join(idea: IdeaFacts, twin: Resemblance, today: date, organisation: Organisation) -> Settlement:
    original = twin.original
    card = organisation.frameworks.get(original.framework) if original.framework else None
    framework = card.text.title if card else None
    messages = []
    if idea.listener_id is not None:
        messages.append(MessagePlan("joined", idea.listener_id, joined_payload(original, framework, today)))
    if original.owner_id is not None:
        payload = twin_payload(
            reference=idea.reference,
            title=idea.title,
            excerpt=idea.excerpt,
            submitter=idea.submitter_name,
            framework=framework,
        )
        # About the original, and once for each twin: the twin's number is the revision.
        messages.append(
            MessagePlan("twin_joined", original.owner_id, payload, idea_id=original.id, revision=idea.id)
        )
    return Settlement(
        idea_id=idea.id,
        status=Status.JOINED,
        framework=card,
        route=None,
        links=(_link(twin, "confirmed"),),
        messages=tuple(messages),
        events=(EventPlan("joined", {"original": original.reference, "reason": twin.reason}),),
        summary={"kind": "joined", "original": original.reference},
    )


def _assign(
    idea: IdeaFacts,
    reading: Reading,
    route: Route,
    links: tuple[LinkPlan, ...],
    twins: list[dict[str, Any]],
    organisation: Organisation,
    earlier: Sequence[EarlierIdea],
) -> Settlement:
    card = route.framework
    assert card is not None  # noqa: S101  # `settle` calls this only for a route with a framework
    best = reading.candidates[0]
    promise = promise_payload(route, organisation)
    reasons = expressions(best)
    touched = [limit for limit in reading.limits if limit.framework == card.text.slug]
    messages = []
    payload: dict[str, Any]
    if idea.listener_id is not None:
        payload = {
            "framework": framework_payload(card),
            "promise": promise,
            "reasons": reasons,
            "touched_limits": [limit.limit for limit in touched],
        }
        messages.append(MessagePlan("routed", idea.listener_id, payload))
    payload = {
        "framework": card.text.title,
        "promise": promise,
        "submitter": idea.submitter_name,
        "unit": idea.unit_name,
        "twins": twins,
        "reasons": reasons,
        "against": [reason.expression for reason in best.reasons if reason.weight < 0],
        "quote": best.quote.sentence if best.quote else None,
        "earlier": [
            {"reference": each.reference, "title": each.title}
            for each in earlier
            if each.framework == card.text.slug
        ],
        "touched_limits": [{"title": limit.limit, "sentence": limit.sentence} for limit in touched],
        "probability": round(best.probability, 4),
    }
    messages.append(MessagePlan("to_manager", route.person_id, payload))
    summary = {"kind": "assigned", "framework": card.text.slug, **promise}
    return Settlement(
        idea_id=idea.id,
        status=Status.ASSIGNED,
        framework=card,
        route=route,
        links=links,
        messages=tuple(messages),
        events=(EventPlan("assigned", summary),),
        summary=summary,
    )


def _to_coordinator(
    idea: IdeaFacts,
    reading: Reading,
    route: Route,
    links: tuple[LinkPlan, ...],
    twins: list[dict[str, Any]],
    organisation: Organisation,
    earlier: Sequence[EarlierIdea],
    asks: Asking | None,
) -> Settlement:
    assert route.why is not None  # noqa: S101  # a route without a framework always says why
    promise = promise_payload(route, organisation)
    messages = []
    asked = asks and asks_payload(asks, organisation)
    payload: dict[str, Any]
    if idea.listener_id is not None:
        # A submitter hears what kind of doubt it is; how sure of what is for whoever decides.
        payload = {"why": route.why.value, "promise": promise, "asks": asked and asked["why"]}
        messages.append(MessagePlan("with_coordinator", idea.listener_id, payload))
    payload = {
        "why": route.why.value,
        "asks": asked,
        "candidates": [
            {
                "title": organisation.frameworks[each.framework].text.title,
                "probability": round(each.probability, 4),
                "reasons": expressions(each),
                "quote": each.quote.sentence if each.quote else None,
            }
            for each in reading.candidates[:3]
            if each.framework in organisation.frameworks
        ],
        "earlier": [
            {
                "reference": each.reference,
                "title": each.title,
                "framework": organisation.frameworks[each.framework].text.title if each.framework else None,
            }
            for each in earlier
            if each.framework is None or each.framework in organisation.frameworks
        ],
        "submitter": idea.submitter_name,
        "unit": idea.unit_name,
        "promise": promise,
        "twins": twins,
    }
    messages.append(MessagePlan("to_coordinator", route.person_id, payload))
    summary = {"kind": "with_coordinator", "why": route.why.value, **promise}
    return Settlement(
        idea_id=idea.id,
        status=Status.WITH_COORDINATOR,
        framework=None,
        route=route,
        links=links,
        messages=tuple(messages),
        events=(EventPlan("with_coordinator", summary),),
        summary=summary,
    )


def _asks(reading: Reading, route: Route, autonomy: Autonomy | None) -> Asking | None:
    if autonomy is None or route.why not in DOUBTS or not reading.candidates:
        return None
    best = reading.candidates[0]
    return asking(reading.decision, best.framework, best.probability, autonomy)


def expressions(candidate: Candidate) -> list[str]:
    """The expressions that spoke for a candidate, strongest first."""
    return [reason.expression for reason in candidate.reasons if reason.weight > 0]
