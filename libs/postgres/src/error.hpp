#pragma once
#include <bongsu/core/error.hpp>

extern "C" {
struct pg_result;
}

namespace bongsu::postgres {

/// What a failed result means, in our words: the SQLSTATE, names of constraint and table, never a value.
/// PostgreSQL's own words are used only for the classes that speak of the statement and not of rows.
Error error_of(const pg_result* result);

/// Whether the server said goodbye with it: the connection is gone.
bool ends_connection(const pg_result* result);

}  // namespace bongsu::postgres
