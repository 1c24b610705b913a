#include "rest_world.hpp"

#include <bongsu/core/bytes.hpp>

#include <fstream>
#include <stdexcept>

#include <libpq-fe.h>
#include <support/process/eventually.hpp>
#include <support/run.hpp>
#include <unistd.h>

namespace bongsu::gateway {
namespace {

using namespace std::chrono_literals;
using support::good;

std::filesystem::path new_folder() {
  std::string path = (std::filesystem::temp_directory_path() / "gateway-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
  return path;
}

/// The server that a libpq URI names.
asio::ip::tcp::endpoint endpoint_of(const std::string& uri) {
  std::string host = "127.0.0.1";
  std::string port = "5432";
  auto* options = PQconninfoParse(uri.c_str(), nullptr);
  for (auto* option = options; option != nullptr && option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    if (std::string_view{option->keyword} == "host") host = option->val;
    if (std::string_view{option->keyword} == "port") port = option->val;
  }
  PQconninfoFree(options);
  return {asio::ip::make_address(host), static_cast<unsigned short>(std::stoi(port))};
}

}  // namespace

host::Secrets RestWorld::make_secrets(const std::filesystem::path& folder) {
  std::ofstream{folder / "box.key"} << "test:" << to_base64(std::string(32, 'b')) << "\n";
  std::ofstream{folder / "hash.key"} << to_base64(std::string(32, 'h')) << "\n";
  std::ofstream{folder / "local.hs256"} << to_base64(std::string(32, 'j')) << "\n";
  return {security::SealedBox{good(security::KeyRing::load((folder / "box.key").string()))},
          good(security::KeyedHash::load((folder / "hash.key").string())),
          good(security::TokenVerifier::load({.keys_folder = folder.string()}))};
}

RestWorld::RestWorld(const std::string& deadletters, std::chrono::milliseconds lock_timeout)
    : folder_(new_folder()), secrets_(make_secrets(folder_)) {
  auto settings = database_.settings();
  gate_ = std::make_unique<support::Gate>(io_, endpoint_of(settings.uri));
  settings.uri = "host=127.0.0.1 port=" + std::to_string(gate_->port()) +
                 " user=bongsu_gateway dbname=" + database_.database() +
                 // No test of this world crashes PostgreSQL, and a busy disk would keep the gateway waiting.
                 " options='-c synchronous_commit=off'";
  settings.lock_timeout = lock_timeout;
  pool_ = std::make_unique<postgres::Pool>(io_.get_executor(), settings);
  auto administrator = database_.administrator();
  administrator.schema = "gateway";
  administrator_ = std::make_unique<postgres::Pool>(io_.get_executor(), administrator);
  jobs_ = std::make_unique<JobStore>(*pool_, 30s);
  // Nobody listens there: what needs the jobs service is tested with all of them.
  jobs_service_ = std::make_unique<rpc::Channel>(io_.get_executor(), "127.0.0.1:1");
  deadletters_service_ = std::make_unique<rpc::Channel>(io_.get_executor(), deadletters);
  rest_ = std::make_unique<Rest>(Rest::Parts{.executor = io_.get_executor(),
                                             .pool = *pool_,
                                             .secrets = secrets_,
                                             .topics = events::Topics{},
                                             .random = random_,
                                             .clock = clock_,
                                             .group_commit = {},
                                             .job_store = *jobs_,
                                             .jobs = *jobs_service_,
                                             .deadletters = *deadletters_service_,
                                             .on_stored = [] {}});
  server_ =
      std::make_unique<http::Server>(good(http::Server::listen(io_.get_executor(), {}, rest_->router())));
  port_ = server_->port();
  token_ = token("tester", {"message.send"});
  // The gateway's patience is for calls: the first one shall not wait for a connection that opens slowly.
  support::eventually("PostgreSQL answers",
                      [&] { return support::run(io_, pool_->query("SELECT 1")).has_value(); });
  thread_ = std::thread{[this] {
    const auto work = asio::make_work_guard(io_);
    io_.run();
  }};
}

RestWorld::~RestWorld() {
  io_.stop();
  thread_.join();
  server_.reset();
  pool_.reset();
  administrator_.reset();
  gate_.reset();
  std::filesystem::remove_all(folder_);
}

std::string RestWorld::token(const std::string& subject, const std::set<std::string>& roles) const {
  return good(security::create_token({.key_file = (folder_ / "local.hs256").string(),
                                      .subject = subject,
                                      .roles = roles,
                                      .issued_at = clock_.now()}));
}

std::vector<std::string> RestWorld::complete(std::vector<std::string> headers) const {
  const auto brings = [&](std::string_view name) {
    return std::any_of(headers.begin(), headers.end(),
                       [&](const auto& line) { return line.starts_with(name); });
  };
  if (!brings("Authorization")) headers.push_back("Authorization: Bearer " + token_);
  if (!brings("Content-Type")) headers.emplace_back("Content-Type: application/json");
  return headers;
}

Answer RestWorld::patiently(std::string_view method, std::string_view path, std::string_view body,
                            const std::vector<std::string>& headers) const {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  auto answer = ask(port_, method, path, body, headers);
  // A 503 that comes at once is the gateway's own doing.
  const bool stood_still = answer.status == 503 && answer.took >= 500ms;
  while (stood_still && answer.status == 503 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(50ms);
    answer = ask(port_, method, path, body, headers);
  }
  return answer;
}

Answer RestWorld::post(std::string_view path, std::string_view body, std::vector<std::string> headers) const {
  return patiently("POST", path, body, complete(std::move(headers)));
}

Answer RestWorld::get(std::string_view path, std::vector<std::string> headers) const {
  if (headers.empty()) headers.push_back("Authorization: Bearer " + token_);
  return patiently("GET", path, "", headers);
}

std::vector<Answer> RestWorld::post_at_once(std::string_view path, const std::vector<std::string>& bodies,
                                            const std::vector<std::string>& headers) const {
  std::vector<std::future<Answer>> asked;
  for (const auto& body : bodies) {
    asked.push_back(std::async(std::launch::async, [this, path, body, headers] {
      return ask(port_, "POST", path, body, complete(headers));
    }));
  }
  std::vector<Answer> answers;
  for (auto& one : asked) answers.push_back(one.get());
  return answers;
}

void RestWorld::on_thread(std::function<void()> task) {
  asio::post(io_, asio::use_future(std::move(task))).get();
}

std::vector<std::string> RestWorld::column(const std::string& sql) {
  // A test that cuts every connection cuts this one too; it comes back by itself.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  auto answer = run(administrator_->query(sql));
  while (!answer && answer.error().code == ErrorCode::kUnavailable &&
         std::chrono::steady_clock::now() < deadline) {
    answer = run(administrator_->query(sql));
  }
  const auto rows = good(std::move(answer));
  std::vector<std::string> texts;
  for (std::size_t row = 0; row < rows.size(); ++row) texts.push_back(rows.get<std::string>(row, 0));
  return texts;
}

std::int64_t RestWorld::count(const std::string& table) {
  return std::stoll(column("SELECT count(*)::text FROM " + table).at(0));
}

}  // namespace bongsu::gateway
