#include <bongsu/core/metrics.hpp>

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace bongsu::metrics {
namespace {

prometheus::Registry& registry() {
  static prometheus::Registry instance{prometheus::Registry::InsertBehavior::Merge};
  return instance;
}

}  // namespace

Counter& counter(const std::string& name, const std::string& help, const Labels& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry()).Add(labels);
}

Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry()).Add(labels);
}

Histogram& seconds(const std::string& name, const std::string& help, const Labels& labels) {
  static const Histogram::BucketBoundaries kBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                   0.5,   1,      2.5,   5,    10,    30,   60};
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry()).Add(labels, kBounds);
}

std::string exposition() { return prometheus::TextSerializer{}.Serialize(registry().Collect()); }

}  // namespace bongsu::metrics
