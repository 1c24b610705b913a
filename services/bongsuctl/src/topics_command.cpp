#include "topics_command.hpp"

#include "topic_comparison.hpp"

#include <bongsu/kafka/admin.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace bongsu::ctl {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 10s;

std::vector<std::string> names_of(const std::vector<events::TopicSpec>& specs) {
  std::vector<std::string> names;
  for (const auto& spec : specs) names.push_back(spec.name);
  return names;
}

/// Creates what is missing; the answer names each topic that this run created.
asio::awaitable<Result<std::vector<std::string>>> create_missing(kafka::Admin& admin,
                                                                 const std::vector<events::TopicSpec>& wanted,
                                                                 const std::vector<TopicVerdict>& verdicts) {
  std::vector<kafka::TopicSpec> missing;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (verdicts[i].state != TopicVerdict::State::kMissing) continue;
    missing.push_back({wanted[i].name, wanted[i].partitions, wanted[i].replication, wanted[i].config});
  }
  std::vector<std::string> created;
  if (missing.empty()) co_return created;
  const auto answers = co_await admin.create(missing, kPatience);
  for (std::size_t i = 0; i < missing.size(); ++i) {
    // Somebody else may have created it meanwhile: then the comparison below judges it.
    if (answers[i]) {
      created.push_back(missing[i].name);
    } else if (answers[i].error().code != ErrorCode::kAlreadyExists) {
      co_return std::unexpected(answers[i].error());
    }
  }
  co_return created;
}

Report report_of(const std::vector<events::TopicSpec>& wanted, const std::vector<TopicVerdict>& verdicts,
                 const std::vector<std::string>& created) {
  Report report{
      .columns = {"topic", "partitions", "replication", "state", "difference"}, .rows = {}, .fine = true};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto& verdict = verdicts[i];
    std::string state = "ok";
    if (verdict.state == TopicVerdict::State::kMissing) state = "missing";
    if (verdict.state == TopicVerdict::State::kDiffers) state = "differs";
    if (state == "ok" && std::find(created.begin(), created.end(), verdict.name) != created.end()) {
      state = "created";
    }
    if (verdict.state != TopicVerdict::State::kOk) report.fine = false;
    report.rows.push_back({verdict.name, std::to_string(wanted[i].partitions),
                           std::to_string(wanted[i].replication), state,
                           fmt::format("{}", fmt::join(verdict.differences, "; "))});
  }
  return report;
}

asio::awaitable<Result<std::vector<TopicVerdict>>> judge(kafka::Admin& admin,
                                                         const std::vector<events::TopicSpec>& wanted) {
  const auto found = co_await admin.describe(names_of(wanted), kPatience);
  if (!found) co_return std::unexpected(found.error());
  co_return compare(wanted, *found);
}

/// A topic that has just been created is not known to every broker at once.
asio::awaitable<Result<std::vector<TopicVerdict>>> judge_until_known(kafka::Admin& admin,
                                                                     std::vector<events::TopicSpec> wanted) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    auto verdicts = co_await judge(admin, wanted);
    if (!verdicts) co_return verdicts;
    const bool missing = std::any_of(verdicts->begin(), verdicts->end(), [](const auto& verdict) {
      return verdict.state == TopicVerdict::State::kMissing;
    });
    if (!missing || std::chrono::steady_clock::now() >= deadline) co_return verdicts;
    co_await sleep_for(100ms);
  }
}

Result<kafka::Admin> open_admin(const asio::any_io_executor& executor, const TopicsOptions& options) {
  kafka::ClusterSettings cluster;
  cluster.brokers = options.brokers;
  cluster.client_id = "bongsuctl";
  return kafka::Admin::open(executor, cluster);
}

}  // namespace

asio::awaitable<Result<Report>> check_topics(TopicsOptions options) {
  auto admin = open_admin(co_await asio::this_coro::executor, options);
  if (!admin) co_return std::unexpected(admin.error());
  const auto wanted = events::Topics{options.prefix}.all(options.defaults);
  const auto verdicts = co_await judge(*admin, wanted);
  if (!verdicts) co_return std::unexpected(verdicts.error());
  co_return report_of(wanted, *verdicts, {});
}

asio::awaitable<Result<Report>> apply_topics(TopicsOptions options) {
  auto admin = open_admin(co_await asio::this_coro::executor, options);
  if (!admin) co_return std::unexpected(admin.error());
  const auto wanted = events::Topics{options.prefix}.all(options.defaults);
  const auto before = co_await judge(*admin, wanted);
  if (!before) co_return std::unexpected(before.error());
  const auto created = co_await create_missing(*admin, wanted, *before);
  if (!created) co_return std::unexpected(created.error());
  const auto after = co_await judge_until_known(*admin, wanted);
  if (!after) co_return std::unexpected(after.error());
  co_return report_of(wanted, *after, *created);
}

}  // namespace bongsu::ctl
