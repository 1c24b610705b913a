#include "client_pool.hpp"

namespace bongsu::http {

Client::Client(const asio::any_io_executor& executor, ClientSettings settings)
    : pool_(std::make_shared<ClientPool>(executor, std::move(settings))) {}

Client::~Client() { pool_->close(); }

asio::awaitable<Result<ClientResponse>> Client::send(const ClientRequest& request) {
  return ClientPool::call(pool_, request);
}

const ClientSettings& Client::settings() const { return pool_->settings(); }
std::size_t Client::connections() const { return pool_->connections(); }
std::size_t Client::waiting() const { return pool_->waiting(); }

}  // namespace bongsu::http
