#include "stage.hpp"

#include "measure/measure.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/events/topics.hpp>

#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>
#include <support/web/web.hpp>

namespace bongsu::bench {
namespace {

using namespace std::chrono_literals;

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file{path};
  file << text;
  if (!file) throw std::runtime_error("cannot write " + path.string());
}

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe{popen(command.c_str(), "r"), pclose};
  if (!pipe) throw std::runtime_error("cannot run " + command);
  std::string text;
  std::array<char, 4096> chunk{};
  while (const auto count = fread(chunk.data(), 1, chunk.size(), pipe.get()))
    text.append(chunk.data(), count);
  return text;
}

}  // namespace

Stage::Stage(std::map<std::string, std::string> environment) : environment_(std::move(environment)) {
  kafka_.create_all_topics();
  write_file(folder_.path() / "box.key", "bench:" + to_base64(std::string(32, 'b')) + "\n");
  write_file(folder_.path() / "hash.key", to_base64(std::string(32, 'h')) + "\n");
  environment_.merge(
      std::map<std::string, std::string>{{"MANAGEMENT_ADDRESS", "127.0.0.1:0"},
                                         {"BONGSU_ADDRESS_FILE", (folder_.path() / "kakao.addr").string()},
                                         {"KAFKA_BROKERS", kafka_.brokers()},
                                         {"KAFKA_TOPIC_PREFIX", kafka_.prefix()},
                                         {"POSTGRES_URI", database_.settings().uri},
                                         {"SECURITY_BOX_KEY_FILE", (folder_.path() / "box.key").string()},
                                         {"SECURITY_HASH_KEY_FILE", (folder_.path() / "hash.key").string()},
                                         {"MESSAGE_API_KAKAOTALK_BASE_URL", simulator_.url("kakao")},
                                         {"MESSAGE_API_KAKAOTALK_RATE_LIMIT_REQUESTS_PER_MINUTE", "0"}});
}

void Stage::start_service() {
  service_ = std::make_unique<support::Process>(std::vector{support::built("kakao")},
                                                folder_.path() / "kakao.log", environment_);
}

Stage::Used Stage::stop_service() {
  const Used used{.seconds = processor_seconds(service_->pid()), .peak_mib = peak_mib(service_->pid())};
  service_->signal(SIGTERM);
  if (const int code = service_->wait(30s); code != 0) {
    throw std::runtime_error(fmt::format("kakao ended with {}:\n{}", code,
                                         read_file((folder_.path() / "kakao.log").string()).value_or("")));
  }
  return used;
}

double Stage::wrk(int connections, std::chrono::seconds duration) const {
  const auto script = folder_.path() / "post.lua";
  write_file(script, R"lua(wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Basic YXV0b2V2ZXI6MTIzNA=="
wrk.body = '{"recipient":"010-0000-0001","message":"주문하신 상품이 출발했습니다. 내일 오후에 도착할 예정입니다. 감사합니다. (1)"}'
)lua");
  const auto said =
      output_of(fmt::format("wrk -t1 -c{} -d{}s -s '{}' {}/kakaotalk-messages 2>&1", connections,
                            duration.count(), script.string(), simulator_.url("kakao")));
  simulator_.forget_messages();
  const auto place = said.find("Requests/sec:");
  if (place == std::string::npos || said.find("Non-2xx") != std::string::npos)
    throw std::runtime_error("wrk did not measure:\n" + said);
  return std::stod(said.substr(place + 13));
}

}  // namespace bongsu::bench
