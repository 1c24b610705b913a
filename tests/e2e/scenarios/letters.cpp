#include "scenarios.hpp"
#include "support/letters/letters_world.hpp"

#include <bongsu/events/ids.hpp>

#include <chrono>
#include <set>
#include <stdexcept>

namespace bongsu::scenarios {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using deadletters::LettersWorld;

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

/// Names as the topics have them: a notification's death in one generation is one letter.
std::set<std::string> bury(LettersWorld& world, const Letters& sizes) {
  std::set<std::string> names;
  for (int part = 0; part <= sizes.kills; ++part) {
    const auto share = sizes.letters / (sizes.kills + 1);
    const auto deaths = world.mixed(part < sizes.kills ? share : sizes.letters - share * sizes.kills);
    for (const auto& dead : deaths)
      names.insert("deadLetters/" + events::letter_id(dead.notification, dead.generation).str());
    world.publish(world.records(deaths));
    if (part == sizes.kills) break;
    world.kill();
    world.start();
  }
  return names;
}

deadletters::v1::Replay plan_all(LettersWorld& world) {
  deadletters::v1::CreateReplayRequest request;
  for (const auto* channel : {"EMAIL", "COUPON", "KAKAO", "SMS"})
    request.mutable_filter()->add_channels(channel);
  auto plan = world.ask<deadletters::v1::Replay>(request);
  if (!plan) throw std::runtime_error{"not planned: " + plan.error().message};
  return *plan;
}

}  // namespace

Report letters(const Letters& sizes) {
  Report report{"letters"};
  LettersWorld world;
  world.start();
  const auto buried = bury(world, sizes);
  const auto began = Clock::now();
  world.until_total(sizes.letters, 300s);
  report.tell("letters", sizes.letters);
  report.tell("kills", sizes.kills);
  report.tell("seconds_behind_the_topics", seconds_since(began));
  std::set<std::string> listed;
  std::int64_t rows = 0;
  for (const auto& letter : world.list()) {
    listed.insert(letter.name());
    ++rows;
  }
  report.expect(rows == static_cast<std::int64_t>(listed.size()), "a letter is listed twice");
  report.expect(listed == buried, "the index is not what lies on the topics");
  const auto asked = Clock::now();
  const auto plan = plan_all(world);
  report.tell("plan_seconds", seconds_since(asked));
  report.expect(plan.total_count() == sizes.letters, "the plan does not have all letters");
  return report;
}

}  // namespace bongsu::scenarios
