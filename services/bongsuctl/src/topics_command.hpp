#pragma once
#include "report.hpp"

#include <bongsu/core/asio.hpp>
#include <bongsu/events/topics.hpp>

#include <string>

namespace bongsu::ctl {

struct TopicsOptions {
  std::string brokers;
  std::string prefix = "bongsu.";
  events::TopicDefaults defaults;
};

/// Creates the topics that are missing and compares the others; changes none that exists.
/// Errors: kUnavailable, kTimeout (no broker), and what the broker says about a topic.
asio::awaitable<Result<Report>> apply_topics(TopicsOptions options);

/// Compares only; the report is not fine when a topic is missing or differs.
asio::awaitable<Result<Report>> check_topics(TopicsOptions options);

}  // namespace bongsu::ctl
