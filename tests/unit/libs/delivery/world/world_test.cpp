#include "history.hpp"

#include <bongsu/core/log.hpp>

#include <charconv>
#include <cstdlib>
#include <iostream>

#include <gtest/gtest.h>

namespace bongsu::world {
namespace {

struct Seeds {
  std::uint64_t first = 1;
  std::uint64_t count = 2'000;
  bool chosen = false;  // by who runs it
};
Seeds seeds;

/// What a failing seed says: its violations, and the history that led to them.
std::string told(std::uint64_t seed, Rule without = Rule::kNone) {
  const auto again = run_history(seed, without, true);
  std::string text = "seed " + std::to_string(seed) + "\n";
  for (const auto& line : again.lines) text += line + "\n";
  for (const auto& violation : again.violations) text += "VIOLATION " + violation + "\n";
  return text;
}

/// A share of the seeds for each, so that they run beside each other.
class World : public testing::TestWithParam<std::uint64_t> {
 public:
  static constexpr std::uint64_t kShares = 4;
};

TEST_P(World, LosesNothingAndDoublesNothingOutsideTheWindow) {
  std::map<std::string, std::vector<std::uint64_t>> broken;
  std::size_t calls = 0;
  std::size_t fallbacks = 0;
  for (auto seed = seeds.first + GetParam(); seed < seeds.first + seeds.count; seed += kShares) {
    const auto verdict = run_history(seed);
    calls += verdict.calls;
    fallbacks += verdict.fallbacks;
    for (const auto& kind : verdict.kinds) broken[kind].push_back(seed);
  }
  RecordProperty("provider_calls", std::to_string(calls));
  RecordProperty("fallbacks", std::to_string(fallbacks));
  std::uint64_t shown = 0;
  for (const auto& [kind, at] : broken) {
    std::string list;
    for (const auto seed : at) list += " " + std::to_string(seed);
    ADD_FAILURE() << kind << ", seeds" << list;
    if (shown == 0) shown = at.front();
  }
  if (shown != 0) std::cerr << told(shown);
}

INSTANTIATE_TEST_SUITE_P(EverySeed, World, testing::Range(std::uint64_t{0}, World::kShares));

TEST(WorldAgain, AReplayedSeedIsTheSameToTheLastStep) {
  for (std::uint64_t seed = seeds.first; seed < seeds.first + 25; ++seed) {
    const auto first = run_history(seed, Rule::kNone, true);
    const auto second = run_history(seed, Rule::kNone, true);
    ASSERT_GT(first.lines.size(), 20U);
    ASSERT_EQ(first.lines, second.lines) << "seed " << seed;
  }
}

class WithoutTheRule : public testing::TestWithParam<RuleCase> {};

TEST_P(WithoutTheRule, ASeedCatchesIt) {
  const auto first = seeds.chosen ? seeds.first : GetParam().seed;
  const auto count = seeds.chosen ? seeds.count : 200;
  for (auto seed = first; seed < first + count; ++seed) {
    const auto verdict = run_history(seed, GetParam().rule);
    if (verdict.violations.empty()) continue;
    ASSERT_TRUE(run_history(seed).violations.empty()) << "it is not the rule that seed " << seed << " misses";
    RecordProperty("seed", std::to_string(seed));
    std::cerr << GetParam().name << ": seed " << seed << ": " << verdict.violations.front() << "\n";
    return;
  }
  FAIL() << "no seed of " << count << " from " << first << " on sees that the rule is off";
}

INSTANTIATE_TEST_SUITE_P(Rules, WithoutTheRule, testing::ValuesIn(kRules),
                         [](const auto& info) { return std::string{info.param.name}; });

std::uint64_t number(std::string_view text, std::uint64_t otherwise) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : otherwise;
}

/// --seeds=N and --first=S, or BONGSU_SEEDS and BONGSU_FIRST_SEED.
void read_seeds(int argc, char** argv) {
  const auto choose = [](std::uint64_t& value, std::string_view text) {
    value = number(text, value);
    seeds.chosen = true;
  };
  if (const char* count = std::getenv("BONGSU_SEEDS")) choose(seeds.count, count);
  if (const char* first = std::getenv("BONGSU_FIRST_SEED")) choose(seeds.first, first);
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument{argv[i]};
    if (argument.starts_with("--seeds=")) choose(seeds.count, argument.substr(8));
    if (argument.starts_with("--first=")) choose(seeds.first, argument.substr(8));
  }
}

}  // namespace
}  // namespace bongsu::world

/// Blocks are made and freed millions of times: the stack of each would cost a third of the time.
/// ASAN_OPTIONS=malloc_context_size=30 brings them back.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): the sanitizer names it
extern "C" const char* __asan_default_options() { return "malloc_context_size=1"; }

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  bongsu::log::configure("world", bongsu::log::Level::kNothing);
  bongsu::world::read_seeds(argc, argv);
  return RUN_ALL_TESTS();
}
