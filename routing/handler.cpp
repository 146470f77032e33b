#include "handler.hpp"

#include <utility>

namespace sake::routing {

namespace {

class content_reading_layer final : public layer {
public:
  explicit content_reading_layer(std::shared_ptr<const layer> inner) noexcept
      : inner_(std::move(inner)) {}
  void act(context& ctx) const override { inner_->act(ctx); }
  [[nodiscard]] bool is_actor() const noexcept override { return inner_->is_actor(); }
  [[nodiscard]] bool reads_content() const noexcept override { return true; }

private:
  std::shared_ptr<const layer> inner_;
};

} // namespace

void handler::adopt(std::unique_ptr<const layer> made) {
  layer_ = std::move(made);
}

handler reads_content(const handler& middleware) {
  handler reading;
  if (middleware.get() != nullptr)
    reading.layer_ = std::make_shared<content_reading_layer>(middleware.get());
  return reading;
}

} // namespace sake::routing
