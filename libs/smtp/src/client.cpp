#include "pool.hpp"

#include <bongsu/smtp/client.hpp>

namespace bongsu::smtp {

Client::Client(const asio::any_io_executor& executor, Settings settings)
    : pool_(std::make_shared<Pool>(executor, std::move(settings))) {}

Client::~Client() { pool_->close(); }

asio::awaitable<Result<Receipt>> Client::send(const Mail& mail) {
  auto message = compose(mail);
  if (!message) co_return std::unexpected(std::move(message.error()));
  Envelope envelope{.from = mail.from.reveal(), .to = mail.to.reveal(), .wire = dot_stuffed(*message)};
  co_return co_await Pool::send(pool_, std::move(envelope));
}

asio::awaitable<Result<void>> Client::probe() { return Pool::probe(pool_); }

}  // namespace bongsu::smtp
