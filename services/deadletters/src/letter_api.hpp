#pragma once
#include "filter.hpp"
#include "letter_reader.hpp"
#include "letter_store.hpp"

#include <bongsu/kafka/record_reader.hpp>
#include <bongsu/rpc/server.hpp>

namespace bongsu::deadletters {

/// The letters' half of DeadLetterService (deadletters.proto says what each call promises).
/// Threads: the io_context's one thread. Lifetime: what it refers to outlives it, and it its service.
class LetterApi {
 public:
  struct Parts {
    postgres::Pool& pool;
    LetterStore& store;
    const LetterReader& reader;
    kafka::RecordReader& records;
    const security::KeyedHash& hash;
    const Clock& clock;
    std::function<void()> on_stored;
  };
  explicit LetterApi(Parts parts) : parts_(std::move(parts)) {}

  /// Adds its methods.
  void add_to(rpc::Service& service);

 private:
  template <class T>
  using Answered = asio::awaitable<rpc::Answer<T>>;

  Answered<v1::ListDeadLettersResponse> list(v1::ListDeadLettersRequest request);
  Answered<v1::DeadLetter> get(rpc::Call call, v1::GetDeadLetterRequest request);
  Answered<v1::SummarizeDeadLettersResponse> summarize(v1::SummarizeDeadLettersRequest request);
  Answered<v1::DiscardDeadLettersResponse> discard(rpc::Call call, v1::DiscardDeadLettersRequest request);

  asio::awaitable<void> add_record(v1::DeadLetter& letter, const LetterRow& row, bool revealed);
  Answered<void> add_history(v1::DeadLetter& letter, LetterRow row);
  Answered<v1::DiscardDeadLettersResponse> discard_named(std::vector<Uuid> ids, Change change);
  Answered<v1::DiscardDeadLettersResponse> discard_matching(Query query, Change change);
  asio::awaitable<Result<std::size_t>> discard_some(Change change);

  Parts parts_;
};

/// A database that lost a race or is slow asks the caller to come again.
rpc::Failure from_below(Error error);

}  // namespace bongsu::deadletters
