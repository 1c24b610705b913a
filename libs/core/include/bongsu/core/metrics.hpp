#pragma once
#include <map>
#include <string>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

/// The process' metrics, with Prometheus' names and units (seconds, bytes, _total).
///
/// A library makes its metrics once, in one file, and keeps the references: a look-up takes a lock.
/// Labels hold small closed sets, never ids or private data. Threads: any. Lifetime: the process.
namespace bongsu::metrics {

using Labels = std::map<std::string, std::string>;
using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;

Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
/// Buckets from 1 ms to 60 s.
Histogram& seconds(const std::string& name, const std::string& help, const Labels& labels = {});

/// Prometheus' text format 0.0.4.
std::string exposition();

}  // namespace bongsu::metrics
