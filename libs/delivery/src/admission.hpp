#pragma once
#include "alerts.hpp"
#include "gate.hpp"
#include "lease.hpp"
#include "partition.hpp"
#include "request.hpp"

#include <bongsu/core/signal.hpp>
#include <bongsu/delivery/channel.hpp>
#include <bongsu/delivery/controls.hpp>
#include <bongsu/delivery/settings.hpp>
#include <bongsu/delivery/tokens.hpp>
#include <bongsu/resilience/breaker.hpp>

#include <array>
#include <deque>
#include <functional>

namespace bongsu::delivery {

/// Decides who may call the provider next. A call needs: a partition that is held under our present name,
/// a lease that outlasts it, one of the channel's concurrent calls, credentials that are not refused, a
/// breaker that is closed, and a token of the rate limit. Who must wait, waits by rank, and within a rank
/// in the order of coming.
///
/// Threads: the io_context's one thread. Lifetime: run() must have returned, and every permit be gone,
///   before it goes.
class Admission {
 public:
  struct Parts {
    Channel& channel;
    const Lease& lease;
    Tokens* tokens;  ///< none: no rate limit
    const Clock& clock;
    Alerts& alerts;
    const Controls& controls;
    const Settings& settings;
  };

  /// Who asks for a turn.
  struct Candidate {
    Rank rank = Rank::kTransactional;
    bool leaves_when_open = false;  ///< it has somewhere else to go while the breaker is open
    std::string_view job;           ///< empty: none. Valid until its turn
  };

  enum class Verdict : std::uint8_t {
    kCall,         ///< the permit says so
    kBreakerOpen,  ///< for those alone who would rather go elsewhere
    kLookAgain,  ///< it has waited long, or its job was stopped: whether it is still wanted must be looked at
    kGone,       ///< not under this hold
  };

  using Moment = std::chrono::steady_clock::time_point;

  /// The right to one call. Given back when it goes out of scope, whether it was used or not.
  class Permit {
   public:
    Permit(Permit&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)),
          breaker_(other.breaker_),
          is_gate_probe_(other.is_gate_probe_),
          ended_(other.ended_),
          void_at_(other.void_at_) {}
    Permit& operator=(Permit&&) = delete;
    ~Permit();
    /// Once the call has ended. `failed_before`: in an earlier attempt.
    void ended(const Result<Receipt>& answer, bool failed_before);

   private:
    friend class Admission;
    Permit(Admission& owner, resilience::Breaker::Permit breaker, bool is_gate_probe, Moment void_at)
        : owner_(&owner), breaker_(breaker), is_gate_probe_(is_gate_probe), void_at_(void_at) {}

    Admission* owner_;
    resilience::Breaker::Permit breaker_;
    bool is_gate_probe_;
    bool ended_ = false;
    Moment void_at_;  // its token's
  };

  struct Turn {
    Verdict verdict = Verdict::kGone;
    std::optional<Permit> permit;  ///< with kCall
  };

  Admission(const asio::any_io_executor& executor, Parts parts);

  /// A turn, if there is one now; else wait().
  std::optional<Turn> enter(const Partition& partition, const Candidate& who);
  /// Waits for a turn, where enter() has none. Who belongs to a job that is paused or cancelled is sent away
  /// within 100 ms.
  asio::awaitable<Turn> wait(const Partition& partition, Candidate who);

  /// Right before a call, with nothing awaited in between: still held, the lease outlasts the call, and the
  /// permit's token is good.
  bool may_call(const Partition& partition, const Permit& permit) const;
  /// How often a call has succeeded: who was refused dies when others have succeeded since.
  std::uint64_t successes() const { return gate_.successes(); }

  /// Looks after those who wait, until stop().
  asio::awaitable<void> run();
  void stop();
  /// Nobody will get a turn any more: ends the coroutines that wait for one.
  void abandon();

 private:
  struct Waiter {
    const Partition* partition;
    Candidate who;
    Moment since;
    std::move_only_function<void(Turn)> resume;
  };
  /// Tokens in hand. Those for transactional requests may come from their reserve.
  struct Purse {
    resilience::TokensGranted granted;
    resilience::TokensWanted left;
    Moment void_at = Moment::max();  ///< without a limit nothing is void
    Moment not_before;               ///< asking again sooner would be in vain
    bool asking = false;
  };

  bool is_ours(const Partition& partition) const;
  bool nobody_waits() const;
  bool provider_takes_calls(Moment now) const;
  std::optional<Permit> take(Rank rank, Moment now);
  bool pay(Rank rank, Moment now);
  void ask_for_tokens(Rank rank, Moment now);
  asio::awaitable<void> fetch_tokens(resilience::TokensWanted wanted);
  asio::awaitable<void> hand_back_tokens();
  void pump();
  void expel();
  std::optional<Verdict> reason_to_leave(const Waiter& waiter, Moment now) const;
  void resume(Waiter waiter, Turn turn);
  void note_provider(resilience::Breaker::Permit permit, const Result<Receipt>& answer, bool failed_before);
  void note_credentials(bool was_probe, const Result<Receipt>& answer);
  std::chrono::milliseconds until_next_look() const;

  asio::any_io_executor executor_;
  Parts parts_;
  Gate gate_;
  resilience::Breaker breaker_;
  std::size_t calls_ = 0;
  std::array<std::deque<Waiter>, kRanks> waiting_;
  Purse purse_;
  bool stopping_ = false;
  Signal changed_;
};

}  // namespace bongsu::delivery
