#pragma once
#include "message_api.hpp"
#include "remembered_answers.hpp"

#include <boost/json/fwd.hpp>

namespace bongsu::gateway {

/// POST /api/messages/batch: up to 1,000 messages in one go, each with an answer of its own.
class BatchApi {
 public:
  explicit BatchApi(MessageParts parts) : parts_(parts), answers_(parts.pool, parts.box, parts.random) {}

  void add_to(http::Router& router);

 private:
  struct Batch;
  asio::awaitable<http::Response> send(http::Request& request);
  asio::awaitable<Checked<std::string>> store(Batch& batch, const std::string& caller,
                                              const http::Request& request);
  asio::awaitable<void> recall_expired(Batch& batch, const std::string& caller);

  MessageParts parts_;
  RememberedAnswers answers_;
};

}  // namespace bongsu::gateway
