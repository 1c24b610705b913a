// How long a page of dead letters takes, by each filter, among millions.
#include "letter_store.hpp"
#include "measure/measure.hpp"

#include <bongsu/core/random.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <stdexcept>

#include <fmt/format.h>
#include <support/postgres/postgres_world.hpp>

namespace bongsu::bench {
namespace {

using namespace std::chrono_literals;
using namespace deadletters;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kChunk = 100'000;
constexpr std::int32_t kPage = 51;  // as the service asks for the default page
constexpr double kWantedMs = 50;
constexpr auto kPatience = 600s;

/// Letter number n of all: 90 days of deaths, four channels, eight reasons with codes, one in a hundred
/// replayed, one in three of one of 200 jobs, 1,000,000 recipients.
const std::string kGenerate =
    "INSERT INTO letter (id, notification_id, channel, reason, provider_code, message, first_failed_at, "
    "died_at, "
    "attempts, tries, generation, job_id, recipient_hash, recipient, topic, partition, \"offset\", size, "
    "origin_topic, "
    "origin_partition, origin_offset, origin_group, state, revision, replay_id) "
    "SELECT (lpad(to_hex((extract(epoch FROM died_at - interval '10 minutes') * 1000)::bigint), 12, '0') || "
    "substr(md5('l' || n), 1, 20))::uuid, md5('n' || n)::uuid, 1 + h % 4, "
    "(ARRAY['timeout','unavailable','unavailable','unavailable','rate_limited','invalid_recipient',"
    "'provider_rejected','expired'])[1 + h / 4 % 8], (ARRAY['','500','502','503','429','21211','400',''])[1 "
    "+ h / 4 % 8], "
    "'no answer within 5 s', died_at - interval '6 minutes', died_at, 3, 9, CASE WHEN n % 100 = 0 THEN 1 "
    "ELSE 0 "
    "END, "
    "CASE WHEN n % 3 = 0 THEN md5('j' || n % 600)::uuid END, md5('r' || h % 1000000)::uuid, '***-****-5678', "
    "'bongsu.kakao.dlq', n % 4, n / 4, 700, 'bongsu.kakao.retry.5m', 1, n, 'bongsu.kakao', "
    "CASE WHEN n % 10 = 0 THEN 5 WHEN n % 11 = 0 THEN 3 ELSE 1 END, 1, "
    "CASE WHEN n % 11 = 0 THEN md5('p' || n % 1100)::uuid END "
    "FROM (SELECT n, abs(hashint8(n)) AS h, now() - n * interval '90 days' / $3 AS died_at "
    "FROM generate_series($1::bigint, $2::bigint) AS n) AS made";

class Stage {
 public:
  Stage() {
    auto settings = database_.administrator();
    settings.schema = "deadletters";
    administrator_ = std::make_unique<postgres::Pool>(io_.get_executor(), settings);
    pool_ = std::make_unique<postgres::Pool>(io_.get_executor(), database_.settings());
    store_ = std::make_unique<LetterStore>(*pool_, events_);
  }

  template <class T>
  T run(asio::awaitable<Result<T>> task) {
    std::optional<Result<T>> answer;
    asio::co_spawn(
        io_,
        [](auto asked, auto& into) -> asio::awaitable<void> { into = co_await std::move(asked); }(
                                       std::move(task), answer),
        asio::detached);
    while (!answer) io_.run_one();
    if (!*answer) throw std::runtime_error{answer->error().message};
    return std::move(**answer);
  }

  void fill(std::int64_t letters) {
    run(administrator_->query("SELECT make_letter_partitions(now() - interval '92 days', now())", {},
                              kPatience));
    for (std::int64_t first = 1; first <= letters; first += kChunk) {
      run(administrator_->query(
          kGenerate,
          postgres::Params::of(first, std::min(letters, first + kChunk - 1), static_cast<double>(letters)),
          kPatience));
    }
    run(administrator_->query(
        "INSERT INTO letter_kind SELECT DISTINCT channel, reason, provider_code FROM letter", {}, kPatience));
    run(administrator_->query("ANALYZE letter", {}, kPatience));
  }

  Uuid hashed(const std::string& text) {
    return run(administrator_->query("SELECT md5($1)::uuid", postgres::Params::of(text))).get<Uuid>(0, 0);
  }

  LetterStore& store() { return *store_; }

 private:
  asio::io_context io_;
  support::PostgresWorld database_{"deadletters"};
  SystemRandom random_;
  EventMaker events_{events::Topics{}, random_};
  std::unique_ptr<postgres::Pool> administrator_;
  std::unique_ptr<postgres::Pool> pool_;
  std::unique_ptr<LetterStore> store_;
};

std::map<std::string, std::function<Query(std::mt19937&)>> filters(Stage& stage) {
  static constexpr std::array<std::string_view, 6> kReasons{
      "timeout", "unavailable", "rate_limited", "invalid_recipient", "provider_rejected", "expired"};
  static constexpr std::array<std::string_view, 4> kCodes{"500", "503", "429", "21211"};
  const auto reason = [](std::mt19937& dice) { return std::string{kReasons.at(dice() % kReasons.size())}; };
  const auto hours = [](std::mt19937& dice) {
    return SystemClock{}.now() - std::chrono::hours{dice() % 2000};
  };
  return {
      {"none", [](std::mt19937&) { return Query{}; }},
      {"channel",
       [](std::mt19937& dice) { return Query{.channels = {static_cast<std::int16_t>(1 + dice() % 4)}}; }},
      {"reason", [=](std::mt19937& dice) { return Query{.reasons = {reason(dice)}}; }},
      {"code",
       [](std::mt19937& dice) { return Query{.provider_codes = {std::string{kCodes.at(dice() % 4)}}}; }},
      {"state",
       [](std::mt19937& dice) { return Query{.states = {static_cast<std::int16_t>(1 + dice() % 5)}}; }},
      {"job",
       [&stage](std::mt19937& dice) {
         return Query{.job = stage.hashed("j" + std::to_string(dice() % 200 * 3))};
       }},
      {"recipient",
       [&stage](std::mt19937& dice) {
         return Query{.recipient_hash = stage.hashed("r" + std::to_string(dice() % 1'000'000))};
       }},
      {"replay",
       [&stage](std::mt19937& dice) {
         return Query{.replay = stage.hashed("p" + std::to_string(dice() % 100 * 11))};
       }},
      {"replays",
       [](std::mt19937& dice) { return Query{.min_replays = static_cast<std::int32_t>(1 + dice() % 3)}; }},
      {"from_to",
       [=](std::mt19937& dice) {
         const auto to = hours(dice);
         return Query{.from = to - 1h, .to = to};
       }},
      {"mixed",
       [=](std::mt19937& dice) {
         return Query{.channels = {static_cast<std::int16_t>(1 + dice() % 4)},
                      .reasons = {reason(dice)},
                      .to = hours(dice),
                      .states = {1}};
       }},
  };
}

struct Measured {
  double p50 = 0;
  double p99 = 0;
};

/// Half of the pages are the first, half follow one somewhere in the middle.
Measured measure(Stage& stage, const std::function<Query(std::mt19937&)>& filter, int times) {
  std::mt19937 dice{7};
  std::vector<double> took;
  for (int i = 0; i < times; ++i) {
    auto query = filter(dice);
    std::optional<Place> after;
    if (i % 2 == 1)
      after = Place{.died_at = SystemClock{}.now() - std::chrono::hours{dice() % 2000}, .id = Uuid{}};
    const auto began = Clock::now();
    stage.run(stage.store().list(std::move(query), after, kPage));
    took.push_back(std::chrono::duration<double, std::milli>(Clock::now() - began).count());
  }
  std::ranges::sort(took);
  const auto at = [&](double share) {
    return took.at(static_cast<std::size_t>(share * static_cast<double>(took.size() - 1)));
  };
  return {.p50 = at(0.5), .p99 = at(0.99)};
}

void r2() {
  const auto letters = number_of("BENCH_LETTERS", 5'000'000);
  const auto times = number_of("BENCH_TIMES", 500);
  Stage stage;
  stage.fill(letters);
  std::string detail = fmt::format(R"("letters":{})", letters);
  double worst = 0;
  for (const auto& [name, filter] : filters(stage)) {
    const auto took = measure(stage, filter, times);
    worst = std::max(worst, took.p99);
    detail += fmt::format(R"(,"{}":[{:.2f},{:.2f}])", name, took.p50, took.p99);
  }
  const auto began = Clock::now();
  stage.run(stage.store().summarize({}));
  detail += fmt::format(R"(,"summary":{:.0f})",
                        std::chrono::duration<double, std::milli>(Clock::now() - began).count());
  print({.id = "R2", .value = worst, .unit = "ms p99", .limit = kWantedMs, .detail = detail});
}

}  // namespace
}  // namespace bongsu::bench

int main(int argc, char** argv) {
  using namespace bongsu::bench;
  return run(argc, argv, {{"R2", r2}});
}
