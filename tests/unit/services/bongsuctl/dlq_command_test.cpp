// `bongsuctl dlq …` from its words to its exit code, against a service that answers what the test says.
#include "command_line.hpp"

#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <sstream>

#include <gmock/gmock.h>
#include <support/deadletters/fake_dead_letters.hpp>
#include <support/run.hpp>
#include <unistd.h>

namespace bongsu::ctl {
namespace {

using namespace deadletters::v1;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

struct Ended {
  int exit_code = -1;
  std::string output;
  std::string error;
};

class Dlq : public testing::Test {
 protected:
  Dlq() {
    std::ofstream{token_} << "token\n";
    letters_.on_create = [](const CreateReplayRequest&) { return replay(Replay::PLANNED); };
    letters_.on_execute = [](const ExecuteReplayRequest&) { return replay(Replay::RUNNING); };
    letters_.watched = {replay(Replay::RUNNING), replay(Replay::COMPLETED)};
  }
  ~Dlq() override { std::filesystem::remove(token_); }

  static Replay replay(Replay::State state) {
    Replay made;
    made.set_name("replays/r1");
    made.set_state(state);
    made.set_digest("abc");
    made.set_total_count(2);
    (state == Replay::COMPLETED ? made.set_delivered_count(2) : made.set_waiting_count(2));
    return made;
  }

  /// As from a shell without a terminal.
  Ended ctl(const std::string& line) {
    std::istringstream words{"bongsuctl " + line};
    const std::vector<std::string> all{std::istream_iterator<std::string>{words}, {}};
    std::vector<const char*> argv;
    argv.reserve(all.size());
    for (const auto& word : all) argv.push_back(word.c_str());
    const Environment environment{{{"BONGSU_DEADLETTERS", letters_.address()},
                                   {"BONGSU_JOBS", "127.0.0.1:1"},
                                   {"BONGSU_TOKEN_FILE", token_.string()}},
                                  {}};
    Ended ended;
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const auto invocation =
        parse_command_line(static_cast<int>(argv.size()), argv.data(), environment, ended.exit_code);
    if (invocation) run(*invocation, ended);
    ended.output += testing::internal::GetCapturedStdout();
    ended.error += testing::internal::GetCapturedStderr();
    return ended;
  }

  support::FakeDeadLetters letters_;

 private:
  static void run(const Invocation& invocation, Ended& ended) {
    asio::io_context io;
    const auto report = support::run(io, invocation.command());
    if (!report) {
      ended.exit_code = exit_code::of(report.error());
      ended.error = report.error().message;
      return;
    }
    std::ostringstream out;
    print(*report, invocation.format, out);
    ended.output = out.str();
    ended.exit_code = report->fine ? exit_code::kDone : exit_code::kFailed;
  }

  std::filesystem::path token_ =
      std::filesystem::temp_directory_path() / ("dlq-token-" + std::to_string(getpid()));
};

TEST_F(Dlq, ListAsksByAllFiltersAndFollowsPages) {
  letters_.on_list = [](const ListDeadLettersRequest& request) {
    ListDeadLettersResponse page;
    page.add_dead_letters()->set_name("deadLetters/" + request.page_token() + "x");
    page.set_next_page_token(request.page_token() + "n");
    return page;
  };
  const auto listed =
      ctl("dlq list --channel kakao --channel SMS --reason timeout --provider-code 503 --job j1 --from 2h"
          " --recipient 010-1234-5678 --state dead_again --min-replays 2 --limit 2");
  EXPECT_EQ(listed.exit_code, 0) << listed.error;
  ASSERT_EQ(letters_.listed.size(), 2U);
  const auto& filter = letters_.listed[0].filter();
  EXPECT_THAT(filter.channels(), ElementsAre("KAKAO", "SMS"));
  EXPECT_THAT(filter.reasons(), ElementsAre("timeout"));
  EXPECT_THAT(filter.provider_codes(), ElementsAre("503"));
  EXPECT_EQ(filter.job(), "jobs/j1");
  EXPECT_EQ(filter.recipient(), "010-1234-5678");
  EXPECT_THAT(filter.states(), ElementsAre(DeadLetter::DEAD_AGAIN));
  EXPECT_EQ(filter.min_replay_count(), 2);
  EXPECT_EQ(letters_.listed[0].page_size(), 2);
  EXPECT_EQ(letters_.listed[1].page_size(), 1);
  EXPECT_EQ(letters_.listed[1].page_token(), "n");
  EXPECT_THAT(listed.error, HasSubstr("--page-token nn"));
  ctl("dlq list --page-token nn --limit 1");
  EXPECT_EQ(letters_.listed.back().page_token(), "nn");
}

TEST_F(Dlq, ShowIsMaskedUnlessRevealed) {
  letters_.on_get = [](const GetDeadLetterRequest& request) {
    DeadLetter letter;
    letter.set_name(request.name());
    letter.mutable_value()->set_content(request.masked() ? "***" : "Hello");
    letter.mutable_value()->set_revealed(!request.masked());
    return letter;
  };
  EXPECT_THAT(ctl("dlq show 7f").output, HasSubstr("***"));
  EXPECT_EQ(letters_.got[0].name(), "deadLetters/7f");
  EXPECT_THAT(ctl("dlq show deadLetters/7f --reveal").output, HasSubstr("Hello"));
  EXPECT_THAT(ctl("-o json dlq show 7f").output, HasSubstr("\"content\":\"***\""));
}

TEST_F(Dlq, WhatIsUnknownIsNotFoundAndWithoutARoleRefused) {
  EXPECT_EQ(ctl("dlq show 7f").exit_code, exit_code::kNotFound);
  EXPECT_EQ(ctl("dlq replay replays/none").exit_code, exit_code::kNotFound);
  letters_.on_get = [](const GetDeadLetterRequest&) -> rpc::Answer<DeadLetter> {
    return rpc::refuse(ErrorCode::kUnauthorized, std::string{rpc::kPermissionDenied},
                       "the role deadletter.read is needed");
  };
  const auto refused = ctl("dlq show 7f");
  EXPECT_EQ(refused.exit_code, exit_code::kRefused);
  EXPECT_THAT(refused.error, HasSubstr("deadletter.read"));
  const auto away = ctl("dlq stats --deadletters 127.0.0.1:1");
  EXPECT_EQ(away.exit_code, exit_code::kUnreachable);
  EXPECT_THAT(away.error, HasSubstr("deadletters at 127.0.0.1:1"));
}

TEST_F(Dlq, APlanTellsTheNextCommandAndThatCommandWorks) {
  const auto planned = ctl("dlq plan --channel KAKAO --reason unavailable");
  ASSERT_EQ(planned.exit_code, 0) << planned.error;
  EXPECT_THAT(planned.output, HasSubstr("next    bongsuctl dlq replay replays/r1 --digest abc\n"));
  EXPECT_THAT(letters_.created.at(0).filter().channels(), ElementsAre("KAKAO"));
  EXPECT_TRUE(letters_.executed.empty());

  letters_.on_get_replay = [](const GetReplayRequest&) { return replay(Replay::PLANNED); };
  const auto replayed = ctl("dlq replay replays/r1 --digest abc --rate 5 --canary 1 --min-success 0.5 --yes");
  ASSERT_EQ(replayed.exit_code, 0) << replayed.error;
  const auto& executed = letters_.executed.at(0);
  EXPECT_EQ(executed.digest(), "abc");
  EXPECT_EQ(executed.rate_per_second(), 5);
  EXPECT_EQ(executed.canary().count(), 1);
  EXPECT_EQ(executed.canary().min_success_ratio(), 0.5);
  EXPECT_THAT(replayed.error, HasSubstr("100 % COMPLETED 2 of 2 delivered"));
  EXPECT_EQ(letters_.created.size(), 1U);
}

TEST_F(Dlq, ReplayFromFiltersPlansShowsAndExecutesThatPlan) {
  const auto replayed = ctl("dlq replay --job j1 --yes");
  ASSERT_EQ(replayed.exit_code, 0) << replayed.error;
  EXPECT_EQ(letters_.created.at(0).filter().job(), "jobs/j1");
  EXPECT_EQ(letters_.executed.at(0).digest(), "abc");
  EXPECT_FALSE(letters_.executed.at(0).has_canary());
  EXPECT_THAT(replayed.error, HasSubstr("2 letters would be sent again"));
  EXPECT_THAT(ctl("-o json dlq replay --all --yes --no-watch").output, HasSubstr("\"state\":\"RUNNING\""));
  const auto retried = ctl("job retry jobs/j2 --yes");
  EXPECT_EQ(retried.exit_code, 0) << retried.error;
  EXPECT_EQ(letters_.created.back().filter().job(), "jobs/j2");
}

TEST_F(Dlq, WhereNobodyCanBeAskedNothingIsSentOrDiscarded) {
  letters_.on_summarize = [](const SummarizeDeadLettersRequest&) {
    SummarizeDeadLettersResponse summary;
    summary.set_total_count(1'234);
    return summary;
  };
  const auto replayed = ctl("dlq replay --all");
  EXPECT_EQ(replayed.exit_code, exit_code::kRefused);
  EXPECT_THAT(replayed.error, HasSubstr("bongsuctl dlq replay replays/r1 --digest abc --yes"));
  EXPECT_TRUE(letters_.executed.empty());
  const auto discarded = ctl("dlq discard --died-of expired --reason old");
  EXPECT_EQ(discarded.exit_code, exit_code::kRefused);
  EXPECT_THAT(discarded.error, HasSubstr("1,234 letters"));
  EXPECT_THAT(letters_.summarized.at(0).filter().states(), ElementsAre(DeadLetter::OPEN));
  EXPECT_TRUE(letters_.discarded.empty());
}

TEST_F(Dlq, NamedLettersMayGoToAnotherRecipient) {
  const auto one = ctl("dlq replay 7f --recipient 010-9999-1234 --yes");
  ASSERT_EQ(one.exit_code, 0) << one.error;
  EXPECT_THAT(letters_.created.at(0).names(), ElementsAre("deadLetters/7f"));
  EXPECT_EQ(letters_.executed.at(0).repairs(0).name(), "deadLetters/7f");
  EXPECT_EQ(letters_.executed.at(0).repairs(0).recipient(), "010-9999-1234");
  EXPECT_THAT(one.error, AllOf(HasSubstr("goes to ***-****-1234"), testing::Not(HasSubstr("9999"))));

  EXPECT_EQ(ctl("dlq replay 7f 80 --recipient 80=a@b.example --yes").exit_code, 0);
  EXPECT_EQ(letters_.executed.at(1).repairs_size(), 1);
  EXPECT_EQ(letters_.executed.at(1).repairs(0).name(), "deadLetters/80");
  EXPECT_EQ(ctl("dlq replay 7f 80 --recipient a@b.example --yes").exit_code, exit_code::kRefused);
  // Without letters it says whose letters.
  EXPECT_EQ(ctl("dlq replay --recipient a@b.example --yes").exit_code, 0);
  EXPECT_EQ(letters_.created.back().filter().recipient(), "a@b.example");
  EXPECT_EQ(letters_.executed.size(), 3U);
}

TEST_F(Dlq, AReplayThatHaltsOrLetsLettersDieAgainIsNotFine) {
  letters_.watched = {replay(Replay::HALTED)};
  EXPECT_EQ(ctl("dlq watch r1").exit_code, exit_code::kFailed);
  letters_.watched = {replay(Replay::COMPLETED)};
  EXPECT_EQ(ctl("dlq watch r1").exit_code, 0);
  letters_.watched[0].set_dead_again_count(1);
  EXPECT_EQ(ctl("dlq watch r1").exit_code, exit_code::kFailed);
}

TEST_F(Dlq, ARefusalSaysWhatTheServiceSays) {
  letters_.on_execute = [](const ExecuteReplayRequest&) -> rpc::Answer<Replay> {
    return rpc::refuse(ErrorCode::kConflict, "digest_mismatch", "the plan's digest is another: plan again");
  };
  const auto refused = ctl("dlq replay --all --yes");
  EXPECT_EQ(refused.exit_code, exit_code::kRefused);
  EXPECT_THAT(refused.error, HasSubstr("plan again"));
}

TEST_F(Dlq, ACallTakesAsLongAsItMay) {
  std::promise<void> given_up;
  letters_.on_list = [&](const ListDeadLettersRequest&) {
    given_up.get_future().wait();
    return ListDeadLettersResponse{};
  };
  const auto ended = ctl("dlq list --timeout 100ms");
  given_up.set_value();
  EXPECT_EQ(ended.exit_code, exit_code::kUnreachable) << ended.output;
  EXPECT_THAT(ended.error, HasSubstr("--timeout"));
}

TEST_F(Dlq, DiscardKeepsTheReason) {
  letters_.on_discard = [](const DiscardDeadLettersRequest&) {
    DiscardDeadLettersResponse discarded;
    discarded.set_discarded_count(3);
    discarded.set_skipped_count(1);
    return discarded;
  };
  const auto done = ctl("dlq discard --channel EMAIL --died-of expired --reason spring --yes");
  ASSERT_EQ(done.exit_code, 0) << done.error;
  EXPECT_EQ(letters_.discarded.at(0).reason(), "spring");
  EXPECT_THAT(letters_.discarded.at(0).filter().reasons(), ElementsAre("expired"));
  EXPECT_THAT(done.output, AllOf(HasSubstr("DISCARDED  3"), HasSubstr("SKIPPED    1")));
  EXPECT_EQ(ctl("dlq discard 7f 80 --reason spring --yes").exit_code, 0);
  EXPECT_THAT(letters_.discarded.at(1).names(), ElementsAre("deadLetters/7f", "deadLetters/80"));
  EXPECT_FALSE(letters_.discarded.at(1).has_filter());
}

TEST_F(Dlq, WhatIsLeftOutIsAUsageErrorAndNeverEverything) {
  EXPECT_EQ(ctl("dlq replay --yes").exit_code, exit_code::kUsage);
  EXPECT_EQ(ctl("dlq plan").exit_code, exit_code::kUsage);
  EXPECT_EQ(ctl("dlq discard --reason x --yes").exit_code, exit_code::kUsage);
  EXPECT_EQ(ctl("dlq discard --all --yes").exit_code, exit_code::kUsage);
  EXPECT_EQ(ctl("dlq replay 7f --channel SMS --yes").exit_code, exit_code::kUsage);
  EXPECT_EQ(ctl("dlq replay replays/r1 7f --yes").exit_code, exit_code::kUsage);
  EXPECT_EQ(ctl("job retry --yes").exit_code, exit_code::kUsage);
  EXPECT_TRUE(letters_.created.empty());
  EXPECT_TRUE(letters_.discarded.empty());
}

}  // namespace
}  // namespace bongsu::ctl
