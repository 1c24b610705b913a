#include "support/simulator/simulator_world.hpp"

#include <stdexcept>

#include <boost/json/value_to.hpp>

namespace bongsu::support {

SimulatorWorld::SimulatorWorld() {
  for (const auto* name : {"kakao", "sms", "control"}) ports_.try_emplace(name);
  start();
}

void SimulatorWorld::start() {
  const auto file = folder_.path() / "simulator.addr";
  const auto log = folder_.path() / "simulator.log";
  for (const auto& [name, port] : ports_) std::filesystem::remove(file.string() + "." + name);
  process_ = std::make_unique<Process>(std::vector{built("simulator")}, log,
                                       std::map<std::string, std::string>{
                                           {"KAKAO_ADDRESS", ports_.at("kakao").address()},
                                           {"SMS_ADDRESS", ports_.at("sms").address()},
                                           {"CONTROL_ADDRESS", ports_.at("control").address()},
                                           {"BONGSU_ADDRESS_FILE", file.string()},
                                           {"ASAN_OPTIONS", "detect_leaks=0"},
                                       });
  for (const auto& [name, port] : ports_) await_file(file.string() + "." + name, *process_, log);
}

Answer SimulatorWorld::control(const std::string& method, const std::string& path,
                               const std::string& body) const {
  auto answer = http_send(method, url("control") + path, body, {"content-type: application/json"});
  if (answer.status / 100 != 2) {
    throw std::runtime_error{"the simulator answered " + std::to_string(answer.status) + " to " + method +
                             " " + path + ": " + answer.body};
  }
  return answer;
}

SimulatorStats SimulatorWorld::stats(const std::string& channel) const {
  const auto json = control("GET", "/control/stats").json();
  const auto number = [&](std::string_view name) { return json.at(channel).at(name).as_int64(); };
  return {.requests = number("requests"),
          .accepted = number("accepted"),
          .unique = number("unique"),
          .duplicates = number("duplicates"),
          .rejected = number("rejected"),
          .in_flight = number("inFlight"),
          .max_in_flight = number("maxInFlight")};
}

std::vector<SeenMessage> SimulatorWorld::messages(const std::string& channel, const std::string& recipient,
                                                  std::size_t limit) const {
  auto path = "/control/messages?channel=" + channel + "&limit=" + std::to_string(limit);
  if (!recipient.empty()) path += "&recipient=" + recipient;
  const auto answer = control("GET", path).json();
  std::vector<SeenMessage> seen;
  seen.reserve(answer.as_array().size());
  for (const auto& message : answer.as_array()) {
    const auto text = [&](std::string_view name) {
      return boost::json::value_to<std::string>(message.at(name));
    };
    seen.push_back({.channel = text("channel"),
                    .recipient = text("recipient"),
                    .content = text("content"),
                    .idempotency_key = text("idempotencyKey"),
                    .received_at = message.at("receivedAt").as_int64(),
                    .status = static_cast<int>(message.at("status").as_int64())});
  }
  return seen;
}

}  // namespace bongsu::support
