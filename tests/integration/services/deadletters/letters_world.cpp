#include "letters_world.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/core/time.hpp>
#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/security/token.hpp>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <poll.h>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;
namespace header = events::header;

std::string binaries() {
  const char* folder = std::getenv("BONGSU_TEST_BIN");
  if (folder == nullptr) throw std::runtime_error{"BONGSU_TEST_BIN is not set: run the tests by tests/run"};
  return folder;
}

template <class T>
T good(Result<T> result) {
  if (!result) throw std::runtime_error{result.error().message};
  return std::move(*result);
}

void pause() { ::poll(nullptr, 0, 50); }

const std::string kBoxKey = "test:" + to_base64(std::string(32, 'b')) + "\n";

}  // namespace

LettersWorld::LettersWorld() : topics_(kafka.prefix()), box_(good(security::KeyRing::parse(kBoxKey))) {
  std::vector<kafka::TopicSpec> topics;
  for (const auto& spec : topics_.all({})) {
    topics.push_back({.name = spec.name,
                      .partitions = spec.partitions,
                      .replication = spec.replication,
                      .configs = spec.config});
  }
  kafka.create_topics(std::move(topics));
  std::ofstream{folder_.path() / "box.key"} << kBoxKey;
  std::ofstream{folder_.path() / "hash.key"} << to_base64(std::string(32, 'h')) << "\n";
  std::filesystem::create_directory(folder_.path() / "jwt");
  std::ofstream{folder_.path() / "jwt/local.hs256"} << to_base64(std::string(32, 'j')) << "\n";
  operator_ = token({"deadletter.read", "deadletter.replay", "deadletter.reveal"});
  administrator_ = std::make_unique<postgres::Pool>(io_.get_executor(), database.administrator());
}

LettersWorld::~LettersWorld() {
  channel_.reset();
  for (auto& [id, process] : running_) process->kill();
}

std::string LettersWorld::token(const std::set<std::string>& roles, const std::string& subject) const {
  return good(security::create_token({.key_file = (folder_.path() / "jwt/local.hs256").string(),
                                      .subject = subject,
                                      .roles = roles,
                                      .issued_at = SystemClock{}.now()}));
}

void LettersWorld::start(const std::string& id, const std::vector<std::string>& arguments) {
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
      // A busy machine is no outage.
      {"POSTGRES_CONNECT_TIMEOUT", "20s"},
      {"POSTGRES_STATEMENT_TIMEOUT", "20s"},
      {"ASAN_OPTIONS", "detect_leaks=0"},
  });
  const auto log = folder_.path() / (name + ".log");
  std::vector<std::string> command{binaries() + "/deadletters"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  auto& process = running_[id];
  process = std::make_unique<support::Process>(command, log, settings);
  auto listening = support::await_file(address.string() + ".grpc", *process, log);
  while (!listening.empty() && listening.back() == '\n') listening.pop_back();
  channel_ = std::make_unique<rpc::Channel>(io_.get_executor(), listening);
}

void LettersWorld::kill(const std::string& id) { running_.at(id)->kill(); }

int LettersWorld::stop(const std::string& id) {
  running_.at(id)->signal(SIGTERM);
  return running_.at(id)->wait(25s);
}

int LettersWorld::ended(const std::string& id) { return running_.at(id)->wait(25s); }

std::string LettersWorld::log_of(const std::string& id) const {
  return read_file((folder_.path() / ("deadletters" + id + ".log")).string()).value_or("");
}

Uuid LettersWorld::next_id() { return Uuid::v7(SystemClock{}.now(), random_); }

kafka::Record LettersWorld::record(const Dead& dead) const {
  events::v1::NotificationPrivate content;
  content.set_recipient(dead.recipient);
  content.set_text(dead.text);
  events::v1::NotificationRequest request;
  request.set_id(dead.notification.str());
  request.set_channel(events::to_proto(dead.channel));
  request.set_job_id(dead.job);
  request.set_sealed(box_.seal(content.SerializeAsString(), dead.notification,
                               events::type::kNotificationRequested, random_));
  kafka::Record record;
  record.topic = topics_.dlq(dead.channel);
  record.key = dead.notification.str();
  record.value = events::encode(request);
  record.headers = events::make_headers({.id = dead.notification.str(),
                                         .source = "/test",
                                         .type = std::string{events::type::kNotificationRequested},
                                         .time = SystemClock{}.now()});
  set(record.headers, header::kNotificationId, dead.notification.str());
  if (!dead.job.empty()) set(record.headers, header::kJobId, dead.job);
  events::write(record.headers, events::Progress{.generation = dead.generation, .attempt = 3});
  events::write(record.headers, events::Death{.reason = dead.reason,
                                              .provider_code = dead.code,
                                              .topic = topics_.retry(dead.channel, 1),
                                              .partition = 1,
                                              .offset = 7,
                                              .group = "test",
                                              .tries = 9,
                                              .message = "no answer within 5 s"});
  if (dead.died_at != Timestamp{}) record.timestamp = dead.died_at;
  return record;
}

kafka::Record LettersWorld::undecodable(events::Channel channel, std::string value, std::int64_t offset,
                                        Headers headers) const {
  kafka::Record record{.topic = topics_.dlq(channel), .value = std::move(value)};
  record.headers = std::move(headers);
  events::write(record.headers, events::Death{.reason = "undecodable",
                                              .provider_code = {},
                                              .topic = topics_.request(channel),
                                              .partition = 2,
                                              .offset = offset,
                                              .group = "test",
                                              .tries = 0,
                                              .message = "header ce_type is missing"});
  return record;
}

kafka::Record LettersWorld::decision(const Uuid& letter, events::v1::DeadLetterEvent::Kind kind,
                                     std::uint64_t revision, const std::string& replay) const {
  events::v1::DeadLetterEvent event;
  event.set_letter_id(letter.str());
  event.set_kind(kind);
  event.set_revision(revision);
  event.set_replay_id(replay);
  event.set_generation(1);
  event.set_actor("somebody");
  *event.mutable_time() = events::to_proto(Timestamp{std::chrono::milliseconds{1'763'700'000'000}});
  return {.topic = topics_.dead_letter_event(),
          .key = letter.str(),
          .value = events::encode(event),
          .headers = events::make_headers({.id = "1",
                                           .source = "/test",
                                           .type = std::string{events::type::kDeadLetterEvent},
                                           .time = SystemClock{}.now()})};
}

std::vector<v1::DeadLetter> LettersWorld::list(const v1::Filter& filter, int page_size) {
  std::vector<v1::DeadLetter> letters;
  v1::ListDeadLettersRequest request;
  *request.mutable_filter() = filter;
  request.set_page_size(page_size);
  do {
    const auto page = ask<v1::ListDeadLettersResponse>(request);
    if (!page) throw std::runtime_error{"not listed: " + page.error().message};
    letters.insert(letters.end(), page->dead_letters().begin(), page->dead_letters().end());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return letters;
}

std::int64_t LettersWorld::total() {
  const auto summary = ask<v1::SummarizeDeadLettersResponse>(v1::SummarizeDeadLettersRequest{});
  if (summary) return summary->total_count();
  // Not reached, or the index is being made again: both say so.
  if (summary.error().code != ErrorCode::kUnavailable)
    throw std::runtime_error{"not summed up: " + summary.error().message};
  return -1;
}

void LettersWorld::until_total(std::int64_t letters, std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const auto now = total();
    if (now == letters) return;
    if (now > letters || std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error{"there are " + std::to_string(now) + " letters\n" + log_of()};
    pause();
  }
}

v1::DeadLetter LettersWorld::get(const Uuid& letter) {
  v1::GetDeadLetterRequest request;
  request.set_name("deadLetters/" + letter.str());
  const auto found = ask<v1::DeadLetter>(request);
  if (!found) throw std::runtime_error{"not read: " + found.error().message};
  return *found;
}

std::vector<std::string> LettersWorld::column(const std::string& sql) {
  auto answer = support::run(io_, boxed(administrator_->query(sql)));
  const auto rows = good(std::move(answer.front()));
  std::vector<std::string> texts;
  for (std::size_t row = 0; row < rows.size(); ++row) texts.push_back(rows.get<std::string>(row, 0));
  return texts;
}

std::vector<std::string> LettersWorld::dump() {
  return column(
      "SELECT line FROM (SELECT letter::text AS line FROM deadletters.letter UNION ALL "
      "SELECT decision::text FROM deadletters.decision UNION ALL "
      "SELECT letter_kind::text FROM deadletters.letter_kind) AS lines ORDER BY line");
}

}  // namespace bongsu::deadletters
