#include "watchers.hpp"

#include <bongsu/jobs/v1/jobs.pb.h>
#include <bongsu/rpc/client.hpp>

#include <algorithm>
#include <deque>
#include <stdexcept>

namespace bongsu::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using jobs::v1::Job;

constexpr int kBurst = 40;
constexpr std::chrono::milliseconds kSettle{1'500};

struct Watcher {
  Job::State state = Job::STATE_UNSPECIFIED;
  Clock::time_point told;
  std::deque<Clock::time_point> last_second;
  std::size_t most = 0;
};

class Crowd {
 public:
  Crowd(support::Stack& stack, std::string job, int watchers)
      : channel_(io_.get_executor(), stack.jobs()),
        name_("jobs/" + std::move(job)),
        token_(stack.token()),
        watchers_(static_cast<std::size_t>(watchers)) {}

  Watched run(int changes) {
    asio::co_spawn(io_, work(changes), [this](const std::exception_ptr& trouble) {
      trouble_ = trouble;
      io_.stop();
    });
    io_.run();
    if (trouble_) std::rethrow_exception(trouble_);
    return {.latest_ms = std::chrono::duration<double, std::milli>(latest_).count(),
            .most_a_second = static_cast<double>(std::ranges::max(watchers_, {}, &Watcher::most).most)};
  }

 private:
  asio::awaitable<void> watch(Watcher& watcher) {
    jobs::v1::WatchJobRequest request;
    request.set_name(name_);
    auto stream = channel_.stream<Job>(request, {.timeout = 0ms, .token = token_});
    while (true) {
      auto next = co_await stream.next();
      if (!next || !*next) co_return;
      watcher.state = (**next).state();
      watcher.told = Clock::now();
      auto& seen = watcher.last_second;
      seen.push_back(watcher.told);
      while (seen.front() < watcher.told - 1s) seen.pop_front();
      watcher.most = std::max(watcher.most, seen.size());
    }
  }

  template <class Request>
  asio::awaitable<void> change() {
    Request request;
    request.set_name(name_);
    const auto changed = co_await channel_.call<Job>(request, {.token = token_});
    if (!changed) throw std::runtime_error("the job could not be changed: " + changed.error().message);
  }

  asio::awaitable<void> all_see(bool paused) {
    const auto since = Clock::now();
    const auto sees = [&](const Watcher& one) {
      return one.state != Job::STATE_UNSPECIFIED && (one.state == Job::PAUSED) == paused;
    };
    while (!std::ranges::all_of(watchers_, sees)) {
      if (Clock::now() - since > 30s) throw std::runtime_error("a watcher was not told");
      co_await sleep_for(1ms);
    }
    const auto last = std::ranges::max(watchers_, {}, &Watcher::told).told;
    if (measured_) latest_ = std::max(latest_, last - since);
  }

  asio::awaitable<void> work(int changes) {
    for (auto& watcher : watchers_) asio::co_spawn(io_, watch(watcher), asio::detached);
    co_await all_see(false);
    measured_ = true;
    for (int i = 0; i < changes; ++i) {
      // Each by itself: within the fifth of a second after a change the next one has to wait.
      co_await sleep_for(kSettle);
      co_await change<jobs::v1::PauseJobRequest>();
      co_await all_see(true);
      co_await sleep_for(kSettle);
      co_await change<jobs::v1::ResumeJobRequest>();
      co_await all_see(false);
    }
    measured_ = false;
    for (int i = 0; i < kBurst; ++i) {
      co_await change<jobs::v1::PauseJobRequest>();
      co_await change<jobs::v1::ResumeJobRequest>();
    }
    co_await all_see(false);
  }

  asio::io_context io_{1};
  rpc::Channel channel_;
  std::string name_;
  std::string token_;
  std::vector<Watcher> watchers_;
  bool measured_ = false;
  Clock::duration latest_{0};
  std::exception_ptr trouble_;
};

}  // namespace

Watched watch_job(support::Stack& stack, const std::string& job, int watchers, int changes) {
  return Crowd{stack, job, watchers}.run(changes);
}

}  // namespace bongsu::bench
