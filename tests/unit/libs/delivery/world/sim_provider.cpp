#include "sim_provider.hpp"

#include "sim_ledger.hpp"

namespace bongsu::world {

using delivery::Receipt;

Result<void> SimChannel::validate(const delivery::Notification& notification) const {
  if (notification.recipient.reveal().starts_with("invalid")) return fail(ErrorCode::kNotFound, "nobody");
  return {};
}

/// A channel that lies about its timeout gets calls that outlast the lease.
std::chrono::milliseconds SimChannel::timeout() const {
  return sim_.off(Rule::kLeaseCoversTheCall) ? std::chrono::milliseconds{0} : kTimeout;
}

asio::awaitable<Result<Receipt>> SimChannel::send(const delivery::Notification& notification) {
  return ask<Result<Receipt>>(life_, [this, id = canonical(notification.id)](Reply reply) {
    if (++under_way_ > provider_.concurrency) sim_.violation("too many calls at once", life_.name);
    if (sim_.since_beginning() < kFaultsEnd && sim_.chance(provider_.stop_the_caller)) {
      sim_.after(sim_.between(0ms, 100ms), [this] {
        if (life_.running()) life_.freeze(sim_.chance(0.5) ? sim_.between(6s, 9s) : sim_.between(8s, 15s));
      });
    }
    call(id, [this, reply = std::move(reply)](const Result<Receipt>& answer) {
      --under_way_;
      reply(answer);
    });
  });
}

void SimChannel::refuse(std::size_t call, const Reply& reply, Duration after, Error error) {
  const auto told = error.sent == Sent::kMaybe ? Call::Told::kMaybe : Call::Told::kFailed;
  sim_.after(after, [this, call, reply, told, error = std::move(error)] {
    witness_.answered(call, told);
    sim_.tell([&] {
      return "  ANSWER " + std::string{name_of(error.code)} + (error.sent == Sent::kMaybe ? " maybe" : "") +
             " for " + witness_.name_of(witness_.calls()[call].id) + " to " + life_.name;
    });
    reply(std::unexpected(error));
  });
}

void SimChannel::accept(std::size_t call, const Reply& reply, bool answer_arrives) {
  const auto way = sim_.chance(provider_.slow) ? sim_.between(100ms, 4s) : sim_.between(2ms, 40ms);
  const auto back = way > 3s || sim_.chance(0.7) ? sim_.between(2ms, 200ms) : sim_.between(100ms, 1900ms);
  sim_.after(way, [this, call, reply, answer_arrives, back] {
    if (life_.dead && sim_.chance(0.3)) return;
    witness_.accepted(call);
    if (!answer_arrives) return;
    sim_.after(back, [this, call, reply] {
      // One that stood still past the deadline may call it a timeout although the answer lies there.
      const bool late = life_.frozen() && sim_.chance(0.5);
      witness_.answered(call, late ? Call::Told::kMaybe : Call::Told::kAccepted);
      sim_.tell([&] {
        return std::string{late ? "  LATE ANSWER" : "  ANSWER ok"} + " for " +
               witness_.name_of(witness_.calls()[call].id) + " to " + life_.name;
      });
      if (late) return reply(fail(ErrorCode::kTimeout, "no answer", "", Sent::kMaybe));
      reply(Receipt{.provider_id = "p" + std::to_string(call)});
    });
  });
  if (!answer_arrives) {
    refuse(call, reply, sim_.chance(0.5) ? Duration{kTimeout} : sim_.between(way, kTimeout),
           {.code = ErrorCode::kTimeout, .message = "no answer", .detail = {}, .sent = Sent::kMaybe});
  }
}

void SimChannel::call(const Uuid& id, const Reply& reply) {
  const auto made = witness_.called(life_, id);
  const auto latency = sim_.pick({10ms, 50ms, 100ms, 500ms, 2000ms, 4000ms});
  const auto dice = static_cast<double>(sim_.below(1000)) / (provider_.trouble * 10);
  const auto fails = [&](ErrorCode code, Sent sent, Duration after) {
    refuse(made, reply, after, {.code = code, .message = "simulated", .detail = {}, .sent = sent});
  };
  if (sim_.now() < provider_.down_until) return fails(ErrorCode::kUnavailable, Sent::kNo, 5ms);
  if (sim_.now() < provider_.refusing_until) return fails(ErrorCode::kUnauthorized, Sent::kNo, latency);
  if (dice < 6) return fails(ErrorCode::kUnavailable, Sent::kNo, 10ms);
  if (dice < 11) return accept(made, reply, false);
  if (dice < 14) return fails(ErrorCode::kTimeout, Sent::kMaybe, kTimeout);
  if (dice < 24) return fails(ErrorCode::kUnavailable, Sent::kNo, latency);
  if (dice < 27) return fails(ErrorCode::kRateLimited, Sent::kNo, 20ms);
  if (dice < 31) return fails(ErrorCode::kRejected, Sent::kNo, latency);
  accept(made, reply, true);
}

}  // namespace bongsu::world
