#include "pool.hpp"

#include <bongsu/smtp/client.hpp>

namespace bongsu::smtp {

Client::Client(const asio::any_io_executor& executor, Settings settings)
    : pool_(std::make_shared<Pool>(executor, std::move(settings))) {}

Client::~Client() { pool_->close(); }

asio::awaitable<Result<Receipt>> Client::send(const Mail& mail) {
  auto message = compose(mail);
  if (!message) return Pool::refuse(std::move(message.error()));
  return Pool::send(pool_,
                    {.from = mail.from.reveal(), .to = mail.to.reveal(), .wire = dot_stuffed(*message)});
}

asio::awaitable<Result<void>> Client::probe() { return Pool::probe(pool_); }

}  // namespace bongsu::smtp
