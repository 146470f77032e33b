// JSON, both ways, without a document in between.
#pragma once

#include <sake/http/json_reader.hpp>
#include <sake/http/json_struct.hpp>
#include <sake/http/json_value.hpp>
#include <sake/http/json_write.hpp>
#include <sake/http/json_writer.hpp>
