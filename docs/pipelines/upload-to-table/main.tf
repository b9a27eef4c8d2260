# S3 upload -> SQS -> Lambda -> DynamoDB. Against AWS, leave out the provider's endpoints.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

variable "basalt" {
  description = "Where tables and functions are."
  default     = "http://127.0.0.1:8000"
}

variable "outside" {
  description = "Where everything else is."
  default     = "http://127.0.0.1:5000"
}

variable "code" {
  description = "The function's zip."
  default     = "function.zip"
}

variable "runtime" {
  default = "python3.12"
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
    iam      = var.outside
    s3       = var.outside
    sqs      = var.outside
    sts      = var.outside
  }
}

resource "aws_s3_bucket" "uploads" {
  bucket = "uploads"
}

resource "aws_sqs_queue" "uploads_dead" {
  name = "uploads-dead"
}

resource "aws_sqs_queue" "uploads" {
  name                       = "uploads"
  visibility_timeout_seconds = 30
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.uploads_dead.arn
    maxReceiveCount     = 3
  })
}

resource "aws_sqs_queue_policy" "uploads" {
  queue_url = aws_sqs_queue.uploads.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.uploads.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_s3_bucket.uploads.arn } }
    }]
  })
}

resource "aws_s3_bucket_notification" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  queue {
    queue_arn = aws_sqs_queue.uploads.arn
    events    = ["s3:ObjectCreated:*"]
  }

  depends_on = [aws_sqs_queue_policy.uploads]
}

resource "aws_dynamodb_table" "words" {
  name         = "words"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "key"

  attribute {
    name = "key"
    type = "S"
  }

  tags = {
    pipeline = "upload-to-table"
  }
}

resource "aws_iam_role" "counter" {
  name = "word-counter"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "counter" {
  name = "counter"
  role = aws_iam_role.counter.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "dynamodb:PutItem", Resource = aws_dynamodb_table.words.arn },
      { Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.uploads.arn}/*" },
      {
        Effect   = "Allow"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        Resource = aws_sqs_queue.uploads.arn
      },
    ]
  })
}

resource "aws_lambda_function" "counter" {
  function_name    = "word-counter"
  role             = aws_iam_role.counter.arn
  runtime          = var.runtime
  handler          = "app.handler"
  filename         = var.code
  source_code_hash = filebase64sha256(var.code)
  timeout          = 10

  environment {
    variables = {
      TABLE = aws_dynamodb_table.words.name
    }
  }
}

resource "aws_lambda_event_source_mapping" "uploads" {
  event_source_arn = aws_sqs_queue.uploads.arn
  function_name    = aws_lambda_function.counter.arn
  batch_size       = 5
}
