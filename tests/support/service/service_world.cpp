#include "support/service/service_world.hpp"

#include "support/process/eventually.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/core/time.hpp>
#include <bongsu/security/token.hpp>

#include <csignal>
#include <fstream>

namespace bongsu::support {
namespace {

using namespace std::chrono_literals;

const std::string kBoxKey = "test:" + to_base64(std::string(32, 'b')) + "\n";

}  // namespace

ServiceWorld::ServiceWorld(std::string service, const std::set<std::string>& roles)
    : database(service),
      service_(std::move(service)),
      topics_(kafka.create_all_topics()),
      box_(good(security::KeyRing::parse(kBoxKey))),
      administrator_(std::make_unique<postgres::Pool>(io_.get_executor(), database.administrator())) {
  std::ofstream{folder_.path() / "box.key"} << kBoxKey;
  std::ofstream{folder_.path() / "hash.key"} << to_base64(std::string(32, 'h')) << "\n";
  std::filesystem::create_directory(folder_.path() / "jwt");
  std::ofstream{folder_.path() / "jwt/local.hs256"} << to_base64(std::string(32, 'j')) << "\n";
  operator_ = token(roles);
}

ServiceWorld::~ServiceWorld() {
  for (auto& [id, replica] : replicas_) {
    replica.channel.reset();
    replica.process->kill();
  }
}

std::string ServiceWorld::token(const std::set<std::string>& roles, const std::string& subject) const {
  return good(security::create_token({.key_file = (folder_.path() / "jwt/local.hs256").string(),
                                      .subject = subject,
                                      .roles = roles,
                                      .issued_at = SystemClock{}.now()}));
}

std::map<std::string, std::string> ServiceWorld::settings_of(const std::string& address_file) const {
  auto settings = environment;
  settings.merge(std::map<std::string, std::string>{
      {"MANAGEMENT_ADDRESS", "127.0.0.1:0"},
      {"GRPC_ADDRESS", "127.0.0.1:0"},
      {"BONGSU_ADDRESS_FILE", address_file},
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
  return settings;
}

void ServiceWorld::start(const std::string& id, const std::vector<std::string>& arguments) {
  const auto address = (folder_.path() / (service_ + id + ".addr")).string();
  std::filesystem::remove(address + ".grpc");
  const auto log = folder_.path() / (service_ + id + ".log");
  std::vector command{built(service_)};
  command.insert(command.end(), arguments.begin(), arguments.end());
  auto& replica = replicas_[id];
  replica.process = std::make_unique<Process>(command, log, settings_of(address));
  auto listening = await_file(address + ".grpc", *replica.process, log);
  while (!listening.empty() && listening.back() == '\n') listening.pop_back();
  replica.channel = std::make_unique<rpc::Channel>(io_.get_executor(), listening);
  has_ended(id);
  running_.push_back(id);
  called_ = running_.front();
}

/// With nobody left, calls go where they went, and are refused.
void ServiceWorld::has_ended(const std::string& id) {
  std::erase(running_, id);
  if (!running_.empty()) called_ = running_.front();
}

void ServiceWorld::kill(const std::string& id) {
  replicas_.at(id).process->kill();
  has_ended(id);
}

int ServiceWorld::stop(const std::string& id) {
  replicas_.at(id).process->signal(SIGTERM);
  return ended(id);
}

int ServiceWorld::ended(const std::string& id) {
  const auto code = replicas_.at(id).process->wait(25s);
  has_ended(id);
  return code;
}

void ServiceWorld::until_disconnected() {
  const std::string sql =
      "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() "
      "AND application_name LIKE 'bongsu-" +
      service_ + "%'";
  eventually("all connections are closed", [&] { return column(sql).front() == "0"; });
}

std::string ServiceWorld::log_of(const std::string& id) const {
  return read_file((folder_.path() / (service_ + id + ".log")).string()).value_or("");
}

std::vector<std::string> ServiceWorld::column(const std::string& sql) {
  const auto rows = good(run(administrator_->query(sql)));
  std::vector<std::string> texts;
  for (std::size_t row = 0; row < rows.size(); ++row) texts.push_back(rows.get<std::string>(row, 0));
  return texts;
}

Uuid ServiceWorld::next_id() { return Uuid::v7(SystemClock{}.now(), random_); }

}  // namespace bongsu::support
