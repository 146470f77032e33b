// JSON, both ways, without a document in between.
#pragma once

#include "json_reader.hpp"
#include "json_struct.hpp"
#include "json_value.hpp"
#include "json_write.hpp"
#include "json_writer.hpp"
