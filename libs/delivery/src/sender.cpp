#include "sender.hpp"

#include "metrics.hpp"

#include <bongsu/events/codec.hpp>
#include <bongsu/events/reasons.hpp>

namespace bongsu::delivery {

using std::chrono::milliseconds;

struct Sender::Course {
  Attempted result;
  bool claimed = false;
  bool maybe_before = false;                ///< a former owner may have sent it
  std::optional<std::uint64_t> refused_at;  ///< successes of others when our credentials were refused
};

Sender::Sender(Admission& admission, Channel& channel, const Controls& controls, const Clock& clock,
               Random& random, const Settings& settings)
    : admission_(admission),
      channel_(channel),
      controls_(controls),
      clock_(clock),
      random_(random),
      settings_(settings) {}

bool Sender::expired(const Request& request) const {
  return request.expires_at && *request.expires_at <= clock_.now();
}

bool Sender::is_called_off(const Request& request, Course& course) const {
  if (const auto step = step_for(state_of_job(controls_, request.event.job_id()))) {
    course.result.step = *step;
    return true;
  }
  if (!expired(request)) return false;
  course.result.step = Bury{events::reason::kExpired};
  return true;
}

bool Sender::may_fall_back(const Request& request, const Course& course) const {
  const bool maybe = course.maybe_before || course.result.maybe;
  return request.fallback.has_value() && (settings_.fall_back_after_maybe || !maybe);
}

SoFar Sender::so_far(const Request& request, const Course& course) const {
  return {.tries = static_cast<int>(course.result.tries),
          .attempt = request.progress.attempt,
          .tiers = settings_.retry_delays.size(),
          .falls_back = may_fall_back(request, course)};
}

asio::awaitable<std::optional<Attempted>> Sender::attempt(Partition& partition, const Request& request,
                                                          bool maybe, Claim claim) {
  Course course{.result = {}, .maybe_before = maybe, .refused_at = {}};
  for (;;) {
    const Admission::Candidate who{.rank = rank_of(request),
                                   .leaves_when_open = may_fall_back(request, course),
                                   .job = request.event.job_id()};
    auto turn = admission_.enter(partition, who);
    if (!turn) turn.emplace(co_await admission_.wait(partition, who));
    if (turn->verdict == Admission::Verdict::kGone) break;
    if (is_called_off(request, course)) co_return std::move(course.result);
    if (turn->verdict == Admission::Verdict::kBreakerOpen) {
      course.result.step = FallBack{};
      co_return std::move(course.result);
    }
    if (turn->verdict != Admission::Verdict::kCall) continue;
    if (auto claiming = course.claimed ? std::nullopt : claim()) {
      if (!co_await std::move(*claiming)) co_return std::nullopt;
    }
    course.claimed = true;
    if (is_called_off(request, course)) co_return std::move(course.result);
    if (!admission_.may_call(partition, *turn->permit)) continue;
    const auto began = clock_.monotonic();
    course.result.last = co_await channel_.send(request.notification);
    turn->permit->ended(course.result.last, request.progress.attempt > 1);
    turn->permit.reset();
    note_call(course.result, std::chrono::duration_cast<milliseconds>(clock_.monotonic() - began));
    if (course.result.last || !co_await goes_on(partition, request, course))
      co_return std::move(course.result);
  }
  co_return given_up(partition, request, std::move(course));
}

void Sender::note_call(Attempted& so_far, milliseconds took) {
  ++so_far.tries;
  so_far.latency += took;
  metrics::provider_call(so_far.last ? "ok" : name_of(so_far.last.error().code), took);
  if (!so_far.last) so_far.maybe = so_far.maybe || so_far.last.error().sent == Sent::kMaybe;
}

asio::awaitable<bool> Sender::goes_on(Partition& partition, const Request& request, Course& course) {
  auto& result = course.result;
  result.step = next_step(settings_.retry, result.last.error(), so_far(request, course), random_);
  if (std::holds_alternative<HoldLane>(result.step)) {
    if (course.refused_at && admission_.successes() > *course.refused_at) {
      result.step = Bury{events::reason::kUnauthorized};
      co_return false;
    }
    course.refused_at = course.refused_at.value_or(admission_.successes());
    co_return true;
  }
  const auto* again = std::get_if<SendAgain>(&result.step);
  if (again == nullptr) co_return false;
  const auto resume_at = clock_.monotonic() + again->after;
  while (partition.phase == Phase::kOwned && clock_.monotonic() < resume_at) {
    co_await partition.changed.wait_for(resume_at - clock_.monotonic());
  }
  co_return true;
}

/// Not permitted any more. Without a call nothing has happened; refused credentials use up no attempt.
std::optional<Attempted> Sender::given_up(const Partition& partition, const Request& request, Course course) {
  const bool nothing_to_tell = course.result.tries == 0 || (course.refused_at && !course.result.maybe);
  if (nothing_to_tell || partition.phase == Phase::kGone) return std::nullopt;
  course.result.step = last_step(course.result.last.error(), so_far(request, course));
  return std::move(course.result);
}

/// Given up between two tries: the attempt ends with its last failure.
NextStep Sender::last_step(const Error& failure, const SoFar& so_far) {
  auto no_more = settings_.retry;
  no_more.max_tries = 0;
  const auto step = next_step(no_more, failure, so_far, random_);
  if (!std::holds_alternative<HoldLane>(step)) return step;
  if (so_far.attempt <= so_far.tiers) return MoveToRetry{so_far.attempt - 1};
  return Bury{events::reason::kUnauthorized};
}

}  // namespace bongsu::delivery
