#pragma once
#include <bongsu/host/host.hpp>
#include <bongsu/postgres/pool.hpp>

namespace bongsu::host {

/// The service is ready only while PostgreSQL answers. `pool` outlives `host`'s run.
void check_postgres(Host& host, const postgres::Pool& pool);

}  // namespace bongsu::host
