#include "engine_impl.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/delivery/engine.hpp>

namespace bongsu::delivery {

Engine::Engine(const asio::any_io_executor& executor, World world, Settings settings)
    : impl_(std::make_shared<Impl>(executor, std::move(world), std::move(settings))) {}
/// Who waits for a turn holds the engine that would give it: let go, they end with their loop.
Engine::~Engine() { impl_->abandon(); }

asio::awaitable<Result<void>> Engine::run() { return impl_->run(); }
void Engine::stop() { impl_->stop(); }
Result<void> Engine::healthy() const { return impl_->healthy(); }

}  // namespace bongsu::delivery
