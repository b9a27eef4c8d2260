# Everything of tables and functions that Terraform manages here; `step` changes each in place.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

variable "basalt" {}

variable "outside" {}

variable "failures" {
  description = "The ARN of a queue outside. Terraform would take long to make one."
}

variable "uploads" {
  description = "The ARN of another."
}

variable "step" {
  type = number
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true

  endpoints {
    dynamodb = var.basalt
    lambda   = var.basalt
    logs     = var.basalt
    iam      = var.outside
    s3       = var.outside
    sqs      = var.outside
    sts      = var.outside
  }
}

locals {
  is_changed = var.step > 1
}

# Tables

resource "aws_dynamodb_table" "orders" {
  name             = "orders"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "customer"
  range_key        = "order"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  dynamic "attribute" {
    for_each = merge(
      { customer = "S", order = "N", placed = "S", status = "S" },
      local.is_changed ? { region = "S" } : {})
    content {
      name = attribute.key
      type = attribute.value
    }
  }

  local_secondary_index {
    name            = "by-date"
    range_key       = "placed"
    projection_type = "ALL"
  }

  global_secondary_index {
    name               = "by-status"
    hash_key           = "status"
    range_key          = "placed"
    projection_type    = "INCLUDE"
    non_key_attributes = ["total"]
  }

  dynamic "global_secondary_index" {
    for_each = local.is_changed ? ["by-region"] : []
    content {
      name            = global_secondary_index.value
      hash_key        = "region"
      projection_type = "KEYS_ONLY"
    }
  }

  ttl {
    attribute_name = "expires"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = local.is_changed
  }

  tags = {
    team = local.is_changed ? "sales" : "shop"
  }
}

resource "aws_dynamodb_table" "stock" {
  name           = "stock"
  billing_mode   = "PROVISIONED"
  read_capacity  = local.is_changed ? 6 : 5
  write_capacity = 4
  hash_key       = "article"

  attribute {
    name = "article"
    type = "S"
  }

  attribute {
    name = "place"
    type = "S"
  }

  global_secondary_index {
    name            = "by-place"
    hash_key        = "place"
    projection_type = "ALL"
    read_capacity   = local.is_changed ? 3 : 2
    write_capacity  = 2
  }

  deletion_protection_enabled = false
}

# Functions

resource "aws_iam_role" "handler" {
  name = "handler"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_cloudwatch_log_group" "handler" {
  name              = "/aws/lambda/handler"
  retention_in_days = local.is_changed ? 14 : 7
}

resource "aws_lambda_layer_version" "shared" {
  layer_name          = "shared"
  filename            = "layer.zip"
  source_code_hash    = filebase64sha256("layer.zip")
  compatible_runtimes = ["python3.12"]
}

resource "aws_lambda_function" "handler" {
  function_name    = "handler"
  role             = aws_iam_role.handler.arn
  runtime          = "python3.12"
  handler          = "app.handler"
  filename         = "function-${var.step}.zip"
  source_code_hash = filebase64sha256("function-${var.step}.zip")
  timeout          = local.is_changed ? 20 : 10
  memory_size      = 256
  publish          = true
  layers           = [aws_lambda_layer_version.shared.arn]

  reserved_concurrent_executions = local.is_changed ? 6 : 5

  environment {
    variables = {
      TABLE = aws_dynamodb_table.orders.name
      STEP  = var.step
    }
  }

  dead_letter_config {
    target_arn = var.failures
  }

  tracing_config {
    mode = "Active"
  }

  tags = {
    team = local.is_changed ? "sales" : "shop"
  }

  depends_on = [aws_cloudwatch_log_group.handler]
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "step ${var.step}"
  function_name    = aws_lambda_function.handler.function_name
  function_version = aws_lambda_function.handler.version
}

resource "aws_lambda_permission" "bucket" {
  statement_id   = local.is_changed ? "bucket-again" : "bucket"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.handler.function_name
  principal      = "s3.amazonaws.com"
  source_arn     = "arn:aws:s3:::uploads"
  source_account = "123456789012"
}

resource "aws_lambda_permission" "alias" {
  statement_id  = "topic"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.handler.function_name
  qualifier     = aws_lambda_alias.live.name
  principal     = "sns.amazonaws.com"
  source_arn    = "arn:aws:sns:us-east-1:123456789012:news"
}

resource "aws_lambda_function_event_invoke_config" "handler" {
  function_name                = aws_lambda_function.handler.function_name
  maximum_retry_attempts       = local.is_changed ? 1 : 0
  maximum_event_age_in_seconds = 600

  destination_config {
    on_failure {
      destination = var.failures
    }
  }
}
