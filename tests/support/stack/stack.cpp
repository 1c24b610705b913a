#include "support/stack/stack.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/postgres/session.hpp>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bongsu::support {
namespace {

using namespace std::chrono_literals;

std::string required(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr) {
    throw std::runtime_error{std::string{variable} +
                             " is not set: run the tests by tests/run, which starts what they need"};
  }
  return value;
}

void run_command(const std::string& command) {
  if (std::system(command.c_str()) != 0) throw std::runtime_error{"failed: " + command};
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file{path};
  file << text;
  if (!file) throw std::runtime_error{"cannot write " + path.string()};
}

std::string name_of(const std::string& service, const std::string& id) {
  return id.empty() ? service : service + "#" + id;
}

}  // namespace

Stack::Stack() {
  kafka.create_all_topics();

  const auto keys = folder_.path();
  write_file(keys / "box.key", "test:" + to_base64(std::string(32, 'b')) + "\n");
  write_file(keys / "hash.key", to_base64(std::string(32, 'h')) + "\n");
  std::filesystem::create_directory(keys / "jwt");
  run_command("openssl ecparam -name prime256v1 -genkey -noout -out " + (keys / "local.key").string());
  run_command("openssl ec -in " + (keys / "local.key").string() + " -pubout -out " +
              (keys / "jwt/local.pub").string() + " 2>/dev/null");
  run_command(built("bongsuctl") +
              " token create --subject tester --role message.send --role member.import"
              " --role job.operate --role job.read --role deadletter.read --role deadletter.replay"
              " --role deadletter.reveal --ttl 1h --key " +
              (keys / "local.key").string() + " > " + (keys / "token").string());
  token_ = *read_file((keys / "token").string());
  while (!token_.empty() && token_.back() == '\n') token_.pop_back();
}

Stack::~Stack() {
  for (auto& [name, process] : running_) process->kill();
}

std::map<std::string, std::string> Stack::settings_of(const std::string& service, const std::string& key) {
  const auto postgres = database.settings_of(service);
  auto settings = environment;
  settings.merge(std::map<std::string, std::string>{
      {"MANAGEMENT_ADDRESS", "127.0.0.1:0"},
      {"BONGSU_ADDRESS_FILE", (folder_.path() / (key + ".addr")).string()},
      {"KAFKA_BROKERS", kafka.brokers()},
      {"KAFKA_TOPIC_PREFIX", kafka.prefix()},
      {"POSTGRES_URI", postgres.uri},
      {"SECURITY_BOX_KEY_FILE", (folder_.path() / "box.key").string()},
      {"SECURITY_HASH_KEY_FILE", (folder_.path() / "hash.key").string()},
      {"ASAN_OPTIONS", "detect_leaks=0"},
  });
  if (service == "jobs" || service == "deadletters") {
    // A busy machine is no outage. The others try again by themselves, or owe an answer within two seconds.
    settings.try_emplace("POSTGRES_CONNECT_TIMEOUT", "20s");
    settings.try_emplace("POSTGRES_STATEMENT_TIMEOUT", "20s");
  }
  settings.try_emplace("BULK_LEASE", "1s");  // after a kill -9 of the gateway, its pages are taken over
  if (service == "gateway") {
    settings["HTTP_ADDRESS"] = gateway_port_.address();
    settings["JWT_KEYS_DIR"] = (folder_.path() / "jwt").string();
    settings["JOBS_ADDRESS"] = jobs();
    settings["DEADLETTERS_ADDRESS"] = deadletters();
  } else if (service == "jobs") {
    settings["GRPC_ADDRESS"] = jobs();
    settings["JWT_KEYS_DIR"] = (folder_.path() / "jwt").string();
  } else if (service == "deadletters") {
    settings["GRPC_ADDRESS"] = deadletters();
    settings["JWT_KEYS_DIR"] = (folder_.path() / "jwt").string();
  } else {
    settings.try_emplace("DELIVERY_RETRY_DELAYS", "500ms,1s");
  }
  if (service == "email") settings.try_emplace("SMTP_URL", mail.url());
  // The simulator stands no limit of a provider's; a test that wants one says so.
  settings.try_emplace("MESSAGE_API_KAKAOTALK_RATE_LIMIT_REQUESTS_PER_MINUTE", "0");
  settings.try_emplace("MESSAGE_API_SMS_RATE_LIMIT_REQUESTS_PER_MINUTE", "0");
  if (service == "kakao") settings.try_emplace("MESSAGE_API_KAKAOTALK_BASE_URL", simulator().url("kakao"));
  if (service == "sms") settings.try_emplace("MESSAGE_API_SMS_BASE_URL", simulator().url("sms"));
  return settings;
}

SimulatorWorld& Stack::simulator() {
  if (!simulator_) simulator_ = std::make_unique<SimulatorWorld>();
  return *simulator_;
}

void Stack::launch(const std::string& service, const std::string& id) {
  const auto key = name_of(service, id);
  std::filesystem::remove(folder_.path() / (key + ".addr"));
  running_[key] = std::make_unique<Process>(std::vector{built(service)}, folder_.path() / (key + ".log"),
                                            settings_of(service, key));
}

void Stack::start(const std::string& service, const std::string& id) {
  launch(service, id);
  wait_ready(service, id);
}

bool Stack::is_ready(const std::string& service, const std::string& id) {
  const auto file = folder_.path() / (name_of(service, id) + ".addr");
  return std::filesystem::exists(file) && http_get(management(service, id) + "/readyz").status == 200;
}

void Stack::wait_ready(const std::string& service, const std::string& id) {
  auto& process = *running_.at(name_of(service, id));
  eventually(service + " is ready; its log:\n" + log_of(service, id), [&] {
    if (!process.running())
      throw std::runtime_error{service + " has ended; its log:\n" + log_of(service, id)};
    return is_ready(service, id);
  });
}

void Stack::kill(const std::string& service, const std::string& id) {
  running_.at(name_of(service, id))->kill();
}

void Stack::signal(const std::string& service, int number, const std::string& id) {
  running_.at(name_of(service, id))->signal(number);
}

pid_t Stack::pid(const std::string& service, const std::string& id) {
  return running_.at(name_of(service, id))->pid();
}

int Stack::stop(const std::string& service, const std::string& id) {
  auto& process = *running_.at(name_of(service, id));
  process.signal(SIGTERM);
  return process.wait(25s);
}

std::string Stack::jobs() const { return jobs_port_.address(); }

std::string Stack::deadletters() const { return deadletters_port_.address(); }

CommandOutput Stack::ctl(const std::string& arguments) {
  const auto out = folder_.path() / "ctl.out";
  const auto error = folder_.path() / "ctl.err";
  const auto command =
      "BONGSU_JOBS=" + jobs() + " BONGSU_DEADLETTERS=" + deadletters() + " BONGSU_GATEWAY=" + gateway() +
      " BONGSU_TIMEOUT=60s BONGSU_TOKEN_FILE=" + (folder_.path() / "token").string() + " " +
      built("bongsuctl") + " " + arguments + " < /dev/null > " + out.string() + " 2> " + error.string();
  const int status = std::system(command.c_str());
  return {.exit_code = WEXITSTATUS(status),
          .output = read_file(out.string()).value_or(""),
          .error = read_file(error.string()).value_or("")};
}

std::string Stack::gateway() const { return "http://" + gateway_port_.address(); }

std::string Stack::management(const std::string& service, const std::string& id) const {
  auto address = *read_file((folder_.path() / (name_of(service, id) + ".addr")).string());
  while (!address.empty() && address.back() == '\n') address.pop_back();
  return "http://" + address;
}

std::string Stack::log_of(const std::string& service, const std::string& id) const {
  return read_file((folder_.path() / (name_of(service, id) + ".log")).string()).value_or("(none)");
}

std::string Stack::logs() const {
  std::string all;
  for (const auto& entry : std::filesystem::directory_iterator{folder_.path()}) {
    if (entry.path().extension() == ".log") all += read_file(entry.path().string()).value_or("");
  }
  return all;
}

Answer Stack::sign_up(const std::string& email, const std::string& name, const std::string& more) {
  const auto text = boost::json::serialize(boost::json::object{{"email", email}, {"name", name}});
  return post("/api/signup", text.substr(0, text.size() - 1) + more + "}");
}

Answer Stack::post(const std::string& path, std::string_view body) {
  return http_post(gateway() + path, body,
                   {"content-type: application/json", "authorization: Bearer " + token_});
}

Answer Stack::import_members(const std::string& lines) {
  return http_post(gateway() + "/api/admin/members/import", lines,
                   {"content-type: application/x-ndjson", "authorization: Bearer " + token_});
}

void Stack::import_crowd(int count, const std::string& birth_date) {
  for (int done = 0; done < count;) {
    std::string lines;
    for (int i = 0; i < 1000 && done < count; ++i, ++done) {
      const auto id = std::to_string(100'000 + done);
      lines += fmt::format(
          R"({{"userId":"m-{0}","email":"m{0}@example.com","name":"회원{0}","phone":"010-1{1}-1{2}",)"
          R"("birthDate":"{3}"}})"
          "\n",
          id, id.substr(0, 3), id.substr(3), birth_date);
    }
    auto answer = import_members(lines);
    // Who is told to come back does so: a PostgreSQL that stalls may cost an answer, and an import may be
    // said again.
    for (int again = 0; again < 20 && answer.status == 503; ++again) {
      ::poll(nullptr, 0, 250);
      answer = import_members(lines);
    }
    const bool all = answer.status == 200 && answer.json().at("data").at("rejected").as_array().empty();
    if (!all) throw std::runtime_error{"the import was refused: " + answer.body};
  }
}

Answer Stack::get(const std::string& path) {
  return http_get(gateway() + path, {"authorization: Bearer " + token_});
}

std::int64_t Stack::count(const std::string& sql) {
  asio::io_context io;
  std::optional<std::int64_t> number;
  std::string why;
  asio::co_spawn(
      io,
      [](asio::any_io_executor executor, postgres::Settings settings, std::string text,
         std::optional<std::int64_t>& into, std::string& trouble) -> asio::awaitable<void> {
        settings.statement_timeout = 20s;
        auto session = co_await postgres::connect(executor, settings);
        if (!session) {
          trouble = session.error().message;
          co_return;
        }
        const auto rows = co_await session->query(text);
        if (!rows) {
          trouble = rows.error().message;
          co_return;
        }
        into = rows->get<std::int64_t>(0, 0);
      }(io.get_executor(), database.administrator(), sql, number, why),
      [](const std::exception_ptr& error) {
        if (error) std::rethrow_exception(error);
      });
  io.run();
  if (!number) throw std::runtime_error{"no answer to \"" + sql + "\": " + why};
  return *number;
}

std::int64_t Stack::coupons_of(const std::string& user_id) {
  return count("SELECT count(*) FROM coupon.issued WHERE campaign_id = 'welcome' AND user_id = '" + user_id +
               "'");
}

std::size_t Stack::mails_to(const std::string& email) {
  std::size_t found = 0;
  for (const auto& caught : mail.mails())
    found += caught.header("To").find(email) != std::string::npos ? 1 : 0;
  return found;
}

void infra(const std::string& part, const std::string& action) {
  run_command(required("BONGSU_TEST_INFRA") + " " + part + " " + action + " >/dev/null");
}

}  // namespace bongsu::support
