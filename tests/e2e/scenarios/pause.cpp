#include "scenarios.hpp"
#include "scene.hpp"

#include <algorithm>
#include <stdexcept>
#include <thread>

#include <boost/json.hpp>

namespace bongsu::scenarios {
namespace {

using namespace std::chrono_literals;

boost::json::value told(support::Stack& stack, const std::string& arguments) {
  const auto output = stack.ctl("-o json job " + arguments);
  if (output.exit_code != 0) throw std::runtime_error("bongsuctl job " + arguments + ": " + output.error);
  return boost::json::parse(output.output);
}

}  // namespace

Report pause(const Pause& sizes) {
  Report report{"pause"};
  support::Stack stack;
  stack.environment["MESSAGE_API_KAKAOTALK_CONNECTIONS"] = std::to_string(sizes.connections);
  for (const auto* service : {"gateway", "jobs", "kakao"}) stack.start(service);
  stack.simulator().settings(R"({"delayMs":20})");
  stack.import_crowd(sizes.members);
  const auto created = told(stack, "create --age-group TWENTIES --fallback NONE --message paused");
  const std::string job{created.at("name").as_string()};
  std::int64_t longest = 0;
  for (int round = 1; round <= sizes.rounds; ++round) {
    const auto goal = sizes.members * round / (sizes.rounds + 2);
    support::eventually(
        "so many are sent", [&] { return stack.simulator().stats("kakao").unique >= goal; }, 120s);
    const auto asked = now_ms();
    told(stack, "pause " + job);
    // Nothing may come from then on; that can only be seen by looking for a while.
    std::this_thread::sleep_for(sizes.watched);
    const auto seen = stack.simulator().messages("kakao", "", static_cast<std::size_t>(sizes.members) * 2);
    const auto last = std::ranges::max_element(seen, {}, &support::SeenMessage::received_at);
    longest = std::max(longest, last->received_at - asked);
    told(stack, "resume " + job);
  }
  support::eventually(
      "the job has ended", [&] { return told(stack, "get " + job).at("state").as_string() == "COMPLETED"; },
      180s);
  const auto stats = stack.simulator().stats("kakao");
  report.tell("members", sizes.members);
  report.tell("pauses", sizes.rounds);
  report.tell("longest_until_silence_ms", longest);
  report.tell("unique", stats.unique);
  report.tell("duplicates", stats.duplicates);
  report.expect(longest <= sizes.silent_within.count(),
                "calls still came after the time that a pause may take");
  report.expect(stats.unique == sizes.members, "somebody was not reached");
  report.expect(stats.duplicates == 0, "somebody was called twice");
  return report;
}

}  // namespace bongsu::scenarios
