# Event source mappings, of a stream and of a queue.

resource "aws_lambda_event_source_mapping" "orders" {
  event_source_arn                   = aws_dynamodb_table.orders.stream_arn
  function_name                      = aws_lambda_alias.live.arn
  starting_position                  = "TRIM_HORIZON"
  batch_size                         = local.is_changed ? 50 : 25
  maximum_batching_window_in_seconds = 1
  maximum_retry_attempts             = 3
  maximum_record_age_in_seconds      = 3600
  bisect_batch_on_function_error     = true
  parallelization_factor             = 2
  function_response_types            = ["ReportBatchItemFailures"]

  filter_criteria {
    filter {
      pattern = jsonencode({ eventName = ["INSERT"] })
    }
  }

  destination_config {
    on_failure {
      destination_arn = var.failures
    }
  }
}

resource "aws_lambda_event_source_mapping" "uploads" {
  event_source_arn = var.uploads
  function_name    = aws_lambda_function.handler.arn
  batch_size       = 5
  enabled          = local.is_changed ? false : true

  scaling_config {
    maximum_concurrency = 3
  }
}
