#include "remembered_answers.hpp"

#include "known_keys.hpp"
#include "problems.hpp"

namespace bongsu::gateway {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kSealedAs = "gateway.answer";
constexpr auto kPatience = 500ms;

}  // namespace

asio::awaitable<Checked<std::string>> RememberedAnswers::find(Uuid key, Uuid body) {
  const auto known = co_await find_keys(pool_, {key}, kPatience);
  if (!known) co_return std::unexpected(problem_of_failure(known.error()));
  const auto hit = known->find(key);
  if (hit == known->end() || !hit->second.answer) co_return std::string{};
  if (hit->second.body != body) co_return std::unexpected(idempotency_conflict());
  auto data = box_.open(*hit->second.answer, key, kSealedAs);
  if (!data) co_return std::unexpected(problem_of_failure(data.error()));
  co_return std::move(*data);
}

asio::awaitable<Result<void>> RememberedAnswers::remember(Uuid key, Uuid body, std::string data) {
  KnownKey answered{.body = body, .id = key, .answer = box_.seal(data, key, kSealedAs, random_)};
  co_return co_await remember_key(pool_, key, std::move(answered), kPatience);
}

}  // namespace bongsu::gateway
