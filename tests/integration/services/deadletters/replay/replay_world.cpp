#include "replay_world.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/core/time.hpp>
#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/ids.hpp>
#include <bongsu/events/progress.hpp>
#include <bongsu/security/token.hpp>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <poll.h>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;
using events::v1::DeliveryResult;
namespace header = events::header;

constexpr auto kChannel = events::Channel::kEmail;

std::string binaries() {
  const char* folder = std::getenv("BONGSU_TEST_BIN");
  if (folder == nullptr) throw std::runtime_error{"BONGSU_TEST_BIN is not set: run the tests by tests/run"};
  return folder;
}

template <class T, class E>
T good(std::expected<T, E> result) {
  if (!result) throw std::runtime_error{result.error().message};
  return std::move(*result);
}

bool adds_up(const v1::Replay& replay) {
  return replay.total_count() == replay.waiting_count() + replay.replaying_count() +
                                     replay.delivered_count() + replay.dead_again_count() +
                                     replay.skipped_count() + replay.returned_count();
}

}  // namespace

void ReplayWorld::pause() { ::poll(nullptr, 0, 50); }

ReplayWorld::ReplayWorld() : topics_(kafka.prefix()) {
  std::vector<kafka::TopicSpec> topics;
  for (const auto& spec : topics_.all({})) {
    topics.push_back({.name = spec.name,
                      .partitions = spec.partitions,
                      .replication = spec.replication,
                      .configs = spec.config});
  }
  kafka.create_topics(std::move(topics));
  const auto ring = "test:" + to_base64(std::string(32, 'b')) + "\n";
  box_ = std::make_unique<security::SealedBox>(good(security::KeyRing::parse(ring)));
  std::ofstream{folder_.path() / "box.key"} << ring;
  std::ofstream{folder_.path() / "hash.key"} << to_base64(std::string(32, 'h')) << "\n";
  std::filesystem::create_directory(folder_.path() / "jwt");
  std::ofstream{folder_.path() / "jwt/local.hs256"} << to_base64(std::string(32, 'j')) << "\n";
  operator_ = token({"deadletter.read", "deadletter.replay"});
  administrator_ = std::make_unique<postgres::Pool>(io_.get_executor(), database.administrator());
}

ReplayWorld::~ReplayWorld() {
  channel_.reset();
  for (auto& [id, process] : running_) process->kill();
}

std::string ReplayWorld::token(const std::set<std::string>& roles) const {
  return good(security::create_token({.key_file = (folder_.path() / "jwt/local.hs256").string(),
                                      .subject = "kim",
                                      .roles = roles,
                                      .issued_at = SystemClock{}.now()}));
}

void ReplayWorld::start(const std::string& id, const std::vector<std::string>& arguments) {
  const auto name = "deadletters" + id;
  const auto address = folder_.path() / (name + ".addr");
  std::filesystem::remove(address.string() + ".grpc");
  auto settings = environment;
  settings.merge(std::map<std::string, std::string>{
      {"MANAGEMENT_ADDRESS", "127.0.0.1:0"},
      {"GRPC_ADDRESS", "127.0.0.1:0"},
      {"BONGSU_ADDRESS_FILE", address.string()},
      {"KAFKA_BROKERS", kafka.brokers()},
      {"KAFKA_TOPIC_PREFIX", kafka.prefix()},
      {"POSTGRES_URI", database.settings().uri},
      {"SECURITY_BOX_KEY_FILE", (folder_.path() / "box.key").string()},
      {"SECURITY_HASH_KEY_FILE", (folder_.path() / "hash.key").string()},
      {"JWT_KEYS_DIR", (folder_.path() / "jwt").string()},
      // A dead replica's work is taken over soon.
      {"REPLAY_LEASE", "1s"},
      // A busy machine is no outage.
      {"POSTGRES_CONNECT_TIMEOUT", "20s"},
      {"POSTGRES_STATEMENT_TIMEOUT", "20s"},
      {"ASAN_OPTIONS", "detect_leaks=0"},
  });
  const auto log = folder_.path() / (name + ".log");
  auto& process = running_[id];
  std::vector command{binaries() + "/deadletters"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  process = std::make_unique<support::Process>(command, log, settings);
  auto listening = support::await_file(address.string() + ".grpc", *process, log);
  while (!listening.empty() && listening.back() == '\n') listening.pop_back();
  channel_ = std::make_unique<rpc::Channel>(io_.get_executor(), listening);
}

void ReplayWorld::kill(const std::string& id) { running_.at(id)->kill(); }

int ReplayWorld::stop(const std::string& id) {
  running_.at(id)->signal(SIGTERM);
  return running_.at(id)->wait(25s);
}

void ReplayWorld::until_disconnected() {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  const std::string sql =
      "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() "
      "AND application_name LIKE 'bongsu-deadletters%'";
  while (column(sql).front() != "0") {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error{"still connected"};
    pause();
  }
}

std::string ReplayWorld::log_of(const std::string& id) const {
  return read_file((folder_.path() / ("deadletters" + id + ".log")).string()).value_or("");
}

std::vector<ReplayWorld::Buried> ReplayWorld::bury(int count, const std::string& reason,
                                                   std::uint32_t generation) {
  const auto now = SystemClock{}.now();
  std::vector<Buried> buried;
  std::vector<kafka::Record> records;
  for (int i = 0; i < count; ++i) {
    const auto id = Uuid::v8(now, Uuid::v7(now, random_).str());
    const auto number = std::to_string(i);
    events::v1::NotificationPrivate content;
    content.set_recipient("hong" + number + "@example.com");
    content.set_text("안녕하세요");
    events::v1::NotificationRequest request;
    request.set_id(id.str());
    request.set_channel(events::v1::EMAIL);
    request.set_member_id("m-" + number);
    *request.mutable_requested_at() = events::to_proto(now);
    request.set_sealed(
        box_->seal(content.SerializeAsString(), id, events::type::kNotificationRequested, random_));
    kafka::Record record{
        .topic = topics_.dlq(kChannel),
        .key = "m-" + number,
        .value = events::encode(request),
        .headers = events::make_headers({.id = id.str(),
                                         .source = "/test",
                                         .type = std::string{events::type::kNotificationRequested},
                                         .time = now})};
    set(record.headers, header::kNotificationId, id.str());
    events::write(record.headers, events::Progress{.generation = generation, .attempt = 3});
    events::write(record.headers, events::Death{.reason = reason,
                                                .provider_code = {},
                                                .topic = topics_.retry(kChannel, 1),
                                                .partition = 0,
                                                .offset = i,
                                                .group = "email",
                                                .tries = 9,
                                                .message = "no answer"});
    records.push_back(std::move(record));
    buried.push_back({.letter = events::letter_id(id, generation).str(), .notification = id.str()});
  }
  publish(std::move(records));
  until_indexed(buried);
  return buried;
}

ReplayWorld::Buried ReplayWorld::bury_poison(std::string value, Headers headers) {
  const auto origin = topics_.request(kChannel);
  static std::int64_t offset = 0;
  ++offset;
  events::write(headers, events::Death{.reason = "undecodable",
                                       .provider_code = {},
                                       .topic = origin,
                                       .partition = 1,
                                       .offset = offset,
                                       .group = "email",
                                       .tries = 0,
                                       .message = "the value cannot be read"});
  publish({{.topic = topics_.dlq(kChannel),
            .key = {},
            .value = std::move(value),
            .headers = std::move(headers)}});
  const Buried buried{.letter = events::letter_id(topics_.dlq(kChannel), origin, 1, offset).str(),
                      .notification = {}};
  until_indexed({buried});
  return buried;
}

void ReplayWorld::until_indexed(const std::vector<Buried>& letters) {
  const auto deadline = std::chrono::steady_clock::now() + 40s;
  std::string ids;
  for (const auto& letter : letters) ids += (ids.empty() ? "'" : ",'") + letter.letter + "'";
  const auto sql =
      "SELECT count(*)::text FROM deadletters.letter WHERE died_at IS NOT NULL AND id IN (" + ids + ")";
  while (column(sql).front() != std::to_string(letters.size())) {
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error{"not indexed in time\n" + log_of()};
    pause();
  }
}

v1::DeadLetter ReplayWorld::letter(const std::string& id) {
  v1::GetDeadLetterRequest request;
  request.set_name("deadLetters/" + id);
  return good(ask<v1::DeadLetter>(request));
}

v1::Replay ReplayWorld::plan(const std::vector<Buried>& letters) {
  v1::CreateReplayRequest request;
  for (const auto& one : letters) request.add_names("deadLetters/" + one.letter);
  return good(ask<v1::Replay>(request));
}

v1::Replay ReplayWorld::plan_all() {
  v1::CreateReplayRequest request;
  request.mutable_filter()->add_channels("EMAIL");
  return good(ask<v1::Replay>(request));
}

v1::ExecuteReplayRequest ReplayWorld::order(const v1::Replay& plan, double rate) {
  v1::ExecuteReplayRequest request;
  request.set_name(plan.name());
  request.set_digest(plan.digest());
  request.set_rate_per_second(rate);
  return request;
}

v1::Replay ReplayWorld::execute(const v1::Replay& plan, double rate) {
  return good(ask<v1::Replay>(order(plan, rate)));
}

v1::Replay ReplayWorld::get(const std::string& name) {
  v1::GetReplayRequest request;
  request.set_name(name);
  return good(ask<v1::Replay>(request));
}

v1::Replay ReplayWorld::until(const v1::Replay& replay, const std::function<bool(const v1::Replay&)>& holds,
                              std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    play();
    auto now = get(replay.name());
    if (!adds_up(now)) throw std::runtime_error{"the counts do not add up: " + now.ShortDebugString()};
    if (holds(now)) return now;
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error{"not in time; the replay is " + now.ShortDebugString() + "\n" + log_of()};
    pause();
  }
}

std::vector<kafka::Message> ReplayWorld::sent() { return kafka.read_all(topics_.replay(kChannel)); }

std::map<std::string, int> ReplayWorld::sent_letters() {
  std::map<std::string, int> letters;
  for (const auto& record : sent())
    ++letters[std::string{find(record.headers, header::kLetterId).value_or("")}];
  return letters;
}

void ReplayWorld::play() {
  std::vector<kafka::Record> results;
  for (const auto& record : sent()) {
    if (answered_.contains({record.partition, record.offset})) continue;
    const auto outcome = answer(record);
    if (!outcome) continue;
    answered_.insert({record.partition, record.offset});
    results.push_back(result(record, *outcome));
  }
  if (!results.empty()) publish(std::move(results));
}

kafka::Record ReplayWorld::result(const kafka::Message& record, Outcome outcome) const {
  const auto text = [&](std::string_view name) {
    return std::string{find(record.headers, name).value_or("")};
  };
  DeliveryResult result;
  result.set_notification_id(text(header::kNotificationId));
  result.set_channel(events::v1::EMAIL);
  result.set_outcome(outcome);
  result.set_reason(outcome == DeliveryResult::DELIVERED ? "" : "unavailable");
  result.set_generation(static_cast<std::uint32_t>(std::stoul(text(header::kGeneration))));
  result.set_attempt(1);
  result.set_final(true);
  result.set_replay_id(text(header::kReplayId));
  result.set_letter_id(text(header::kLetterId));
  *result.mutable_time() = events::to_proto(SystemClock{}.now());
  return {.topic = topics_.result(),
          .key = result.letter_id(),
          .value = events::encode(result),
          .headers = events::make_headers({.id = "1",
                                           .source = "/test",
                                           .type = std::string{events::type::kDeliveryResult},
                                           .time = SystemClock{}.now()})};
}

kafka::Record ReplayWorld::died_again(const kafka::Message& record) const {
  kafka::Record again{.topic = topics_.dlq(kChannel),
                      .key = record.key,
                      .value = record.value.value_or(""),
                      .headers = record.headers};
  events::write(again.headers, events::Death{.reason = "undecodable",
                                             .provider_code = {},
                                             .topic = std::string{record.topic},
                                             .partition = record.partition,
                                             .offset = record.offset,
                                             .group = "email",
                                             .tries = 0,
                                             .message = "the value cannot be read"});
  return again;
}

std::vector<std::string> ReplayWorld::column(const std::string& sql) {
  auto asked = support::run(io_, boxed(administrator_->query(sql)));
  const auto rows = good(std::move(asked.front()));
  std::vector<std::string> texts;
  for (std::size_t row = 0; row < rows.size(); ++row) texts.push_back(rows.get<std::string>(row, 0));
  return texts;
}

}  // namespace bongsu::deadletters
