#include "history.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/v1/notification.pb.h>

namespace bongsu::world {

namespace {

namespace v1 = events::v1;
namespace header = events::header;

constexpr auto kLimit = 500s;  // by then everything must be quiet
constexpr int kPartitions = 2;

const security::SealedBox& box() {
  static const security::SealedBox instance{
      *security::KeyRing::parse("k1:" + to_base64(std::string(32, 'k')) + "\n")};
  return instance;
}

Uuid id_number(std::size_t number, bool too_old) {
  const Timestamp beginning{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};
  const auto time = beginning - (too_old ? std::chrono::days{40} : std::chrono::days{0});
  const auto id = Uuid::v8(time, "notification " + std::to_string(number)).bytes();
  auto even = id;
  even.back() &= 0xFEU;  // leaves room for an alias
  return Uuid{even};
}

/// The sealed part of a request; the same in all histories, so that it is sealed once.
const std::string& sealed(const Uuid& id, bool invalid) {
  static std::map<Uuid, std::string> kept;
  auto& text = kept[id];
  if (text.empty()) {
    SeededRandom random{7};
    v1::NotificationPrivate content;
    content.set_recipient(invalid ? "invalid" : "somebody");
    content.set_text("x");
    text = box().seal(content.SerializeAsString(), id, events::type::kNotificationRequested, random);
  }
  return text;
}

class History {
 public:
  History(std::uint64_t seed, Rule without, bool traced);
  ~History();

  Verdict run();

 private:
  void ask_for(std::size_t number);
  void publish(kafka::Record record, bool again);
  void replay_letters();
  void start(int process);
  void fault();
  void outage(int what, Process* whom, Duration duration);
  void keep_alive();
  Process* running_process();
  bool quiet() const;

  Simulation sim_;
  Database database_;
  Broker broker_{sim_, kPartitions};
  events::Topics topics_;
  Jobs jobs_{sim_};
  Witness witness_{sim_, database_, broker_, jobs_, topics_};
  Provider provider_;
  Shared shared_;
  SimClock clock_{sim_, {}, {}};
  int processes_;
  int lives_ = 0;
  std::vector<std::unique_ptr<Process>> all_;
  std::vector<Process*> present_;  // by process; null: between two lives
  std::size_t still_to_ask_ = 0;
  std::size_t letters_seen_[kPartitions] = {};
};

resilience::LimitPolicy limit_of(Simulation& sim) {
  if (sim.chance(0.3)) return {.strategy = resilience::LimitStrategy::kSlidingWindow, .per_minute = 25};
  return {.per_minute = 60, .burst = sim.pick({1.0, 4.0}), .reserve = sim.pick({0.0, 0.5})};
}

delivery::Settings settings_of(Simulation& sim) {
  delivery::Settings settings;
  settings.retry = {.max_tries = 2, .first_delay = 1s};
  settings.retry_delays = {4s, 8s};
  settings.unknown = sim.chance(0.3) ? delivery::UnknownPolicy::kBury : delivery::UnknownPolicy::kSendAgain;
  settings.max_in_flight_records = sim.pick<std::size_t>({2, 8, 100});
  settings.commit_interval = 900ms;
  settings.give_up_limit = 7s;
  settings.fall_back_after_maybe = sim.chance(0.7);
  settings.breaker.run = 3;
  if (sim.off(Rule::kTokensOfOneRow) || sim.chance(0.2)) settings.rate_limit.policy = limit_of(sim);
  return settings;
}

History::History(std::uint64_t seed, Rule without, bool traced)
    : sim_(seed, without, traced),
      shared_{.sim = sim_,
              .database = database_,
              .broker = broker_,
              .provider = provider_,
              .jobs = jobs_,
              .witness = witness_,
              .box = box(),
              .topics = topics_,
              .settings = settings_of(sim_)},
      processes_(sim_.chance(0.25) ? 3 : 2) {
  broker_.watched_by(witness_);
  database_.late = sim_.pick({0.02, 0.1, 0.4});
  provider_.trouble = sim_.pick({0.1, 0.5, 1.0});
  provider_.slow = sim_.pick({0.2, 0.2, 0.8});
  provider_.concurrency = sim_.pick<std::size_t>({1, 3, 200, 200});
  provider_.stop_the_caller = sim_.pick({0.0, 0.0, 0.1});
  witness_.limited_by(shared_.settings);
  jobs_.begin();
  present_.resize(static_cast<std::size_t>(processes_));
  still_to_ask_ = 8 + sim_.below(15);
  const bool in_bursts = sim_.chance(0.5);
  Duration when{};
  std::set<Uuid> oversized;
  for (std::size_t number = 0; number < still_to_ask_; ++number) {
    if (sim_.chance(0.02)) oversized.insert(id_number(number, false));
    if (number % 5 == 0 || !in_bursts) when = sim_.between(0s, kFaultsEnd - 4s);
    sim_.after(when, [this, number] { ask_for(number); });
  }
  broker_.take_no_more_than(std::move(oversized));
  for (int process = 0; process < processes_; ++process) {
    sim_.after(sim_.between(0s, 2s), [this, process] { start(process); });
  }
}

History::~History() {
  sim_.forget_the_future();
  all_.clear();
}

void History::start(int process) {
  all_.push_back(std::make_unique<Process>(shared_, process, ++lives_));
  present_[static_cast<std::size_t>(process)] = all_.back().get();
}

/// One request, now and then published a second time: by a relay that did not hear its report.
void History::ask_for(std::size_t number) {
  --still_to_ask_;
  const bool too_old = number % 50 == 17;
  const auto id = id_number(number, too_old);
  kafka::Record record;
  record.topic =
      sim_.chance(0.5) ? topics_.request(events::Channel::kSms) : topics_.bulk(events::Channel::kSms);
  record.key = "key" + std::to_string(number);
  if (number % 50 == 33) {  // nobody can read it
    record.value = "?";
    record.headers = {{"ce_id", "garbage"}};
    return publish(record, false);
  }
  v1::NotificationRequest request;
  request.set_id(id.str());
  *request.mutable_requested_at() = events::to_proto(clock_.now());
  if (sim_.chance(0.1)) {
    *request.mutable_expires_at() =
        events::to_proto(clock_.now() + std::chrono::floor<std::chrono::milliseconds>(sim_.between(2s, 25s)));
  }
  if (sim_.chance(0.3)) request.mutable_fallback()->set_channel("EMAIL");
  const auto write = [&](const Uuid& as) {
    request.set_id(as.str());
    request.set_sealed(as == id ? sealed(id, number % 50 == 25) : sealed(as, false));
    record.value = events::encode(request);
    record.headers = events::make_headers({.id = as.str(),
                                           .source = "/world",
                                           .type = std::string{events::type::kNotificationRequested},
                                           .time = clock_.now()});
    set(record.headers, header::kNotificationId, as.str());
  };
  if (auto job = jobs_.pick(); !job.empty() && record.topic == topics_.bulk(events::Channel::kSms)) {
    request.set_job_id(job);
    witness_.belongs(id, std::move(job));
  }
  witness_.requested(id);
  write(id);
  publish(record, false);
  if (!sim_.chance(0.2)) return;
  if (sim_.off(Rule::kSameIdWaits)) write(alias_of(id));
  ++still_to_ask_;
  sim_.after(sim_.pick<Duration>({0s, 5ms, 300ms, 4s}), [this, record] {
    --still_to_ask_;
    publish(record, true);
  });
}

void History::publish(kafka::Record record, bool again) {
  record.partition = broker_.partition_of(record.key, again);
  if (broker_.up()) return broker_.append(record, clock_.now());
  ++still_to_ask_;
  sim_.after(500ms, [this, record, again] {
    --still_to_ask_;
    publish(record, again);
  });
}

/// An operator sends some letters again, under the next generation.
void History::replay_letters() {
  const auto topic = topics_.dlq(events::Channel::kSms);
  for (int partition = 0; partition < kPartitions; ++partition) {
    auto& seen = letters_seen_[partition];
    const kafka::TopicPartition where{topic, partition};
    const auto letters = broker_.between(where, static_cast<std::int64_t>(seen), broker_.end(where));
    seen = static_cast<std::size_t>(broker_.end(where));
    std::vector<kafka::Record> again;
    for (const auto* letter : letters) {
      if (!letter->id || letter->unsendable || letter->progress.generation > 0 || !sim_.chance(0.4)) continue;
      auto record = letter->record;
      record.topic = topics_.replay(events::Channel::kSms);
      events::write(record.headers, events::Progress{.generation = 1});
      again.push_back(record);
    }
    for (const auto& record : again) {
      ++still_to_ask_;
      sim_.after(sim_.between(1s, 10s), [this, record] {
        --still_to_ask_;
        publish(record, false);
        if (sim_.chance(0.3)) publish(record, true);
      });
    }
  }
}

Process* History::running_process() {
  auto* process = present_[sim_.below(present_.size())];
  return process != nullptr && process->life.running() ? process : nullptr;
}

void History::fault() {
  if (sim_.since_beginning() > kFaultsEnd) return;
  sim_.after(sim_.between(200ms, 7s), [this] { fault(); });
  auto* whom = running_process();
  const auto duration = sim_.pick<Duration>({1s, 3s, 7s, 9s, 12s, 15s});
  const auto what = static_cast<int>(sim_.below(13));
  if (what >= 6) return outage(what, whom, duration);
  if (whom == nullptr) return;
  switch (what) {
    case 0:
    case 1: {
      whom->life.crash();
      present_[static_cast<std::size_t>(whom->life.process)] = nullptr;
      sim_.after(sim_.pick<Duration>({500ms, 3s, 10s}),
                 [this, process = whom->life.process] { start(process); });
      return;
    }
    case 2:
    case 3:
      return whom->life.freeze(duration);
    case 4:
      return whom->stop();
    default:
      return whom->life.cut_from_ledger(duration);
  }
}

void History::outage(int what, Process* whom, Duration duration) {
  const auto until = sim_.now() + duration;
  switch (what) {
    case 6:
    case 7:
      sim_.tell([] { return "REBALANCE"; });
      return broker_.rebalance();
    case 8:
      sim_.tell([] { return "LEDGER DOWN"; });
      database_.down_until = database_.started_at = until;
      return;
    case 9:
      sim_.tell([] { return "LOG DOWN"; });
      broker_.down_until = until;
      return;
    case 10:
      sim_.tell([] { return "PROVIDER AWAY"; });
      (sim_.chance(0.3) ? provider_.refusing_until : provider_.down_until) = until;
      return;
    default:
      if (whom == nullptr) return;
      sim_.tell([&] { return "CUT FROM LOG " + whom->life.name; });
      whom->life.cut_from_log(duration);
      if (what == 12) whom->life.cut_from_ledger(duration);
  }
}

/// Who has ended after SIGTERM is started again, and so is who died last.
void History::keep_alive() {
  for (auto& process : present_) {
    if (process == nullptr || !process->ended()) continue;
    sim_.tell([&] { return "ENDED " + process->life.name; });
    const auto number = process->life.process;
    process->life.dead = true;
    process = nullptr;
    sim_.after(500ms, [this, number] { start(number); });
  }
  broker_.tick();
  replay_letters();
  sim_.after(250ms, [this] { keep_alive(); });
}

bool History::quiet() const {
  for (const auto& process : all_) {
    if (process->life.alive() && process->life.troubled()) return false;
  }
  return sim_.since_beginning() > kFaultsEnd + 2s && sim_.now() >= database_.down_until &&
         still_to_ask_ == 0 && broker_.quiet();
}

Verdict History::run() {
  sim_.after(3s, [this] { fault(); });
  keep_alive();
  auto quiet_since = Moment::max();
  while (sim_.step()) {
    if (sim_.since_beginning() > kLimit) {
      sim_.violation("not quiet in time", "something is never done");
      break;
    }
    if (!quiet()) {
      quiet_since = Moment::max();
      continue;
    }
    quiet_since = std::min(quiet_since, sim_.now());
    if (sim_.now() - quiet_since > 3s) break;
  }
  witness_.conclude();
  Verdict verdict{.seed = sim_.seed(),
                  .violations = sim_.violations(),
                  .kinds = sim_.kinds(),
                  .lines = sim_.lines(),
                  .calls = witness_.calls().size(),
                  .fallbacks = witness_.fallbacks(),
                  .lasted = sim_.since_beginning()};
  return verdict;
}

}  // namespace

Verdict run_history(std::uint64_t seed, Rule without, bool traced) {
  return History{seed, without, traced}.run();
}

}  // namespace bongsu::world
