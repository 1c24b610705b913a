#include "engine_impl.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/delivery/engine.hpp>

namespace bongsu::delivery {

Engine::Engine(const asio::any_io_executor& executor, World world, Settings settings)
    : impl_(std::make_shared<Impl>(executor, std::move(world), std::move(settings))) {}
Engine::~Engine() = default;

asio::awaitable<Result<void>> Engine::run() { return impl_->run(); }
void Engine::stop() { impl_->stop(); }
Result<void> Engine::healthy() const { return impl_->healthy(); }

}  // namespace bongsu::delivery
